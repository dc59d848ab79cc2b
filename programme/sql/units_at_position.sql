-- The commune at lon $1, lat $2 on pub.at() (else the nearest within 10 km), then the units above it by law.
WITH here AS (SELECT ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326) AS g),
inside AS (
    SELECT u.unit_key, u.parent_key, 0::float8 AS distance_m FROM pub.commune u, here
    WHERE u.geom && here.g AND ST_Covers(u.geom, here.g) ORDER BY u.code LIMIT 1),
nearest AS (
    SELECT n.unit_key, n.parent_key, n.distance_m
    FROM (SELECT u.unit_key, u.parent_key, ST_Distance(u.geom::geography, here.g::geography) AS distance_m
          FROM pub.commune u, here WHERE NOT EXISTS (SELECT FROM inside) AND u.geom && ST_Expand(here.g, 0.2)) n
    WHERE n.distance_m <= 10000 ORDER BY n.distance_m LIMIT 1),
commune AS (SELECT * FROM inside UNION ALL SELECT * FROM nearest)
SELECT u.level, u.code, u.name, u.valid_from, u.valid_to, u.geometry_state, c.distance_m
FROM commune c
JOIN pub.unit u ON u.unit_key IN (c.unit_key, c.parent_key, (SELECT p.parent_key FROM pub.unit p WHERE p.unit_key = c.parent_key))
ORDER BY u.level DESC
