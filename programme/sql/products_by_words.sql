-- A page of products whose words match, by key: the names hold all of $21 (words, the last perhaps unfinished) and $22 as typed; they do not begin with
-- $23 (folded), nor with $24 as typed, nor hold all of $25, nor of $26 as typed.
-- $1-$17 pub.match_products; $18 limit; $19, $20 sort value and key of the last row of the page before.
SELECT ''::text AS sort_value,
       m.product_key, m.name, m.class_code, m.certificate_state, m.star, m.certificate_valid_to, m.producer_key,
       m.producer_name, m.lineage_key, m.location_approximate, m.is_demo, ST_X(m.geom) AS lon, ST_Y(m.geom) AS lat
FROM pub.match_products($1::date, $2::tsquery, $3::text[], $4::integer[], $5::text[], $6::integer[], $7::boolean, $8::bigint, $9::bigint, $10::float8, $11::float8, $12::float8, $13::float8, $14::float8, $15::float8, $16::float8, ST_SetSRID(ST_GeomFromGeoJSON($17::text), 4326)) m
WHERE ($20::bigint IS NULL OR m.product_key > $20::bigint AND $19::text IS NOT NULL)
  AND ($21::tsquery IS NULL OR m.name_words @@ $21)
  AND ($22::text[] IS NULL OR m.name_lower LIKE ALL ($22))
  AND ($23::text IS NULL OR m.name_folded NOT LIKE $23)
  AND ($24::text IS NULL OR m.name_lower NOT LIKE $24)
  AND ($25::tsquery IS NULL OR NOT m.name_words @@ $25)
  AND ($26::text[] IS NULL OR NOT m.name_lower LIKE ALL ($26))
ORDER BY m.product_key
LIMIT $18::integer
