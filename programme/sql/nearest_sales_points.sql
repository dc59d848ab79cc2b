-- The $3 open sales points nearest to lon $1, lat $2 by geodesic metres; as nearest_producers. $4 the day.
WITH here AS (SELECT ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326) AS g),
bound AS (
    SELECT max(ST_Distance(c.geom::geography, here.g::geography)) AS metres
    FROM here, LATERAL (SELECT p.geom FROM pub.sales_point p
                        ORDER BY p.geom <-> ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326) LIMIT $3::integer) c)
SELECT p.sales_point_key AS key, p.name, p.kind, false AS location_approximate, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
       ST_Distance(p.geom::geography, here.g::geography) AS distance_m, u.code AS commune_code, u.name AS commune_name,
       (SELECT count(*) FROM pub.product_sales_point s JOIN pub.product_period d USING (product_key)
        WHERE s.sales_point_key = p.sales_point_key AND d.since <= $4::date AND d.until > $4::date
          AND d.valid_to > $4::date AND (d.revoked_on IS NULL OR d.revoked_on > $4::date)) AS products
FROM here CROSS JOIN bound
JOIN pub.sales_point p ON ST_DWithin(p.geom::geography, here.g::geography, bound.metres + 0.01)
LEFT JOIN pub.lineage_place u ON u.lineage_key = p.lineage_key AND u.valid_from <= $4::date AND (u.valid_to IS NULL OR u.valid_to > $4::date)
ORDER BY distance_m, p.sales_point_key
LIMIT $3::integer
