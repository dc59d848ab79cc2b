-- A page of products whose certificate in force has $21 stars, or that have none (0), the latest key first: in the order of an index, so that it stops at
-- its limit.
-- $1-$17 pub.match_products; $18 limit; $19, $20 sort value and key of the last row of the page before.
SELECT $21::integer AS sort_value,
       m.product_key, m.name, m.class_code, m.certificate_state, m.star, m.certificate_valid_to, m.producer_key,
       m.producer_name, m.lineage_key, m.location_approximate, m.is_demo, ST_X(m.geom) AS lon, ST_Y(m.geom) AS lat
FROM pub.match_products($1::date, $2::tsquery, $3::text[], $4::integer[], $5::text[], $6::integer[], $7::boolean, $8::bigint, $9::bigint, $10::float8, $11::float8, $12::float8, $13::float8, $14::float8, $15::float8, $16::float8, ST_SetSRID(ST_GeomFromGeoJSON($17::text), 4326)) m
WHERE ($20::bigint IS NULL OR $19::text::integer > $21 OR m.product_key < $20)
  AND ($21 = 0 AND m.star IS NULL OR m.certificate_star = $21 AND m.star = $21)
ORDER BY m.product_key DESC
LIMIT $18::integer
