-- A page of products, five stars first, without certificate last.
-- $1-$17 pub.match_products; $18 limit; $19, $20 sort value and key of the last row of the page before.
SELECT coalesce(m.star, 0) AS sort_value,
       m.product_key, m.name, m.class_code, m.certificate_state, m.star, m.certificate_valid_to, m.producer_key,
       m.producer_name, m.lineage_key, m.location_approximate, m.is_demo, ST_X(m.geom) AS lon, ST_Y(m.geom) AS lat
FROM pub.match_products($1::date, $2::tsquery, $3::text[], $4::integer[], $5::text[], $6::integer[], $7::boolean, $8::bigint, $9::bigint, $10::float8, $11::float8, $12::float8, $13::float8, $14::float8, $15::float8, $16::float8, ST_SetSRID(ST_GeomFromGeoJSON($17::text), 4326)) m
WHERE ($20::bigint IS NULL OR (coalesce(m.star, 0), m.product_key) < ($19::text::integer, $20::bigint))
ORDER BY coalesce(m.star, 0) DESC, m.product_key DESC
LIMIT $18::integer
