-- raster_zones($1..$4 west south east north in EPSG:3857)
SELECT zone_key, name, crop, area_ha, ST_AsBinary(geom_3857) AS outline,
       ST_X(p) AS x, ST_Y(p) AS y, ST_XMax(geom_3857) - ST_XMin(geom_3857) AS width_m
FROM (SELECT *, ST_PointOnSurface(geom_3857) AS p FROM tile.zone
      WHERE geom_3857 && ST_MakeEnvelope($1, $2, $3, $4, 3857)) AS z
ORDER BY zone_key
