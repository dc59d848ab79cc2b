-- raster_zones($1..$4 west south east north in EPSG:3857, $5 least area in ha, $6 named ones too): zones large enough to be
-- drawn one by one; with $6 the others as well, without outline, for their names. Where a name stands is dear, so it is
-- asked for only where names are drawn.
SELECT z.zone_key, z.name, z.crop, z.area_ha, CASE WHEN z.area_ha >= $5::float8 THEN ST_AsBinary(z.geom_3857) END AS outline,
       ST_X(l.p) AS x, ST_Y(l.p) AS y
FROM tile.zone z
LEFT JOIN LATERAL (SELECT ST_PointOnSurface(z.geom_3857) AS p OFFSET 0) l ON $6::bool
WHERE z.geom_3857 && ST_MakeEnvelope($1, $2, $3, $4, 3857) AND ($6::bool OR z.area_ha >= $5::float8)
ORDER BY z.zone_key
