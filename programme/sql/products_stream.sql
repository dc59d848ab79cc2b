-- A cursor over all matching products in the order of their key.
DECLARE products_stream NO SCROLL CURSOR FOR
SELECT m.product_key, m.name, m.class_code, m.certificate_state, m.star, m.certificate_valid_to, m.producer_key,
       m.producer_name, m.lineage_key, m.location_approximate, m.is_demo, ST_X(m.geom) AS lon, ST_Y(m.geom) AS lat
FROM pub.match_products($1::date, $2::tsquery, $3::text[], $4::integer[], $5::text[], $6::integer[], $7::boolean, $8::bigint, $9::bigint, $10::float8, $11::float8, $12::float8, $13::float8, $14::float8, $15::float8, $16::float8, ST_SetSRID(ST_GeomFromGeoJSON($17::text), 4326)) m
ORDER BY m.product_key
