-- raster_context($1..$4 west south east north in EPSG:3857): shoreline and rivers
SELECT 'shoreline' AS kind, line_key, ST_AsBinary(geom_3857) AS line FROM pub.shoreline WHERE geom_3857 && ST_MakeEnvelope($1, $2, $3, $4, 3857)
UNION ALL
SELECT 'rivers', line_key, ST_AsBinary(geom_3857) FROM pub.river WHERE geom_3857 && ST_MakeEnvelope($1, $2, $3, $4, 3857)
ORDER BY line_key
