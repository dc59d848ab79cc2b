-- raster_places($1..$4 west south east north in EPSG:3857): producers and sales points, northern ones first (drawn below)
SELECT 'producer' AS icon, ST_X(geom_3857) AS x, ST_Y(geom_3857) AS y FROM pub.producer WHERE geom_3857 && ST_MakeEnvelope($1, $2, $3, $4, 3857)
UNION ALL
SELECT 'sales-point', ST_X(geom_3857), ST_Y(geom_3857) FROM pub.sales_point WHERE geom_3857 && ST_MakeEnvelope($1, $2, $3, $4, 3857)
ORDER BY 3 DESC, 2, 1
