-- The $3 producers nearest to lon $1, lat $2 by geodesic metres: the index's order on the plane bounds the search, then
-- all within the bound are measured on the ellipsoid. $4 the day.
WITH here AS (SELECT ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326) AS g),
bound AS (
    SELECT max(ST_Distance(c.geom::geography, here.g::geography)) AS metres
    FROM here, LATERAL (SELECT p.geom FROM pub.producer p WHERE p.geom IS NOT NULL
                        ORDER BY p.geom <-> ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326) LIMIT $3::integer) c)
SELECT p.producer_key AS key, p.name, p.kind, p.location_approximate, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
       ST_Distance(p.geom::geography, here.g::geography) AS distance_m, u.code AS commune_code, u.name AS commune_name,
       (SELECT count(*) FROM pub.product_period d WHERE d.producer_key = p.producer_key AND d.since <= $4::date AND d.until > $4::date
          AND d.valid_to > $4::date AND (d.revoked_on IS NULL OR d.revoked_on > $4::date)) AS products
FROM here CROSS JOIN bound
JOIN pub.producer p ON ST_DWithin(p.geom::geography, here.g::geography, bound.metres + 0.01)
LEFT JOIN pub.lineage_place u ON u.lineage_key = p.lineage_key AND u.valid_from <= $4::date AND (u.valid_to IS NULL OR u.valid_to > $4::date)
ORDER BY distance_m, p.producer_key
LIMIT $3::integer
