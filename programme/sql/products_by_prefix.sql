-- A page of products whose names begin with $21 (folded), and with $22 as typed; not those that hold all of $23 as typed.
-- In the order of the index, so that it stops at its limit.
-- $1-$17 pub.match_products; $18 limit; $19, $20 sort value and key of the last row of the page before.
SELECT m.name_folded AS sort_value,
       m.product_key, m.name, m.class_code, m.certificate_state, m.star, m.certificate_valid_to, m.producer_key,
       m.producer_name, m.lineage_key, m.location_approximate, m.is_demo, ST_X(m.geom) AS lon, ST_Y(m.geom) AS lat
FROM pub.match_products($1::date, $2::tsquery, $3::text[], $4::integer[], $5::text[], $6::integer[], $7::boolean, $8::bigint, $9::bigint, $10::float8, $11::float8, $12::float8, $13::float8, $14::float8, $15::float8, $16::float8, ST_SetSRID(ST_GeomFromGeoJSON($17::text), 4326)) m
WHERE ($20::bigint IS NULL OR (m.name_folded, m.product_key) > ($19::text COLLATE "C", $20::bigint))
  AND m.name_folded LIKE $21::text
  AND ($22::text IS NULL OR m.name_lower LIKE $22)
  AND ($23::text[] IS NULL OR NOT m.name_lower LIKE ALL ($23))
ORDER BY m.name_folded, m.product_key
LIMIT $18::integer
