-- raster_units($1 level, $2..$5 west south east north in EPSG:3857, $6 zoom of the outlines, $7 reference day):
-- the units of a level in force on the reference day, with outline where they touch the box: from the stored level of
-- that zoom, from the record's own where there is none.
SELECT u.unit_key, u.short_name, u.name, ST_X(l.label_3857) AS x, ST_Y(l.label_3857) AS y,
       ST_XMax(u.geom_3857) - ST_XMin(u.geom_3857) AS width_m,
       CASE WHEN u.geom_3857 && ST_MakeEnvelope($2, $3, $4, $5, 3857) THEN ST_AsBinary(coalesce(g.geom, u.geom_3857)) END AS outline
FROM pub.unit u
LEFT JOIN pub.unit_label l USING (unit_key)
LEFT JOIN tile.unit_level g ON g.level = u.level AND g.zoom = $6::int AND g.unit_key = u.unit_key
     AND g.frame_from = (SELECT max(f.frame_from) FROM tile.level_frame f WHERE f.level::text = $1 AND f.frame_from <= $7::date)
WHERE u.level::text = $1 AND u.valid_from <= $7::date AND (u.valid_to IS NULL OR u.valid_to > $7::date) AND u.geom_3857 IS NOT NULL
ORDER BY u.unit_key
