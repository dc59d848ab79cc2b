-- The outlines of level $1 on day $2 as GeoJSON with about 0.1 m.
SELECT u.code, ST_AsGeoJSON(u.geom, 6) AS geometry
FROM pub.unit u
WHERE u.level::text = $1::text AND u.valid_from <= $2::date AND (u.valid_to IS NULL OR u.valid_to > $2::date) AND u.geom IS NOT NULL
