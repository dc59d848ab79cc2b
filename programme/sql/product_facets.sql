-- Counts of matching products by class, star, state and lineage, and in all, in one pass. facet: 7, 11, 13, 14, 15.
SELECT grouping(m.class_code, m.star, m.certificate_state, m.lineage_key) AS facet,
       m.class_code, m.star, m.certificate_state, m.lineage_key, count(*) AS products
FROM pub.match_products($1::date, $2::text, $3::text, $4::text, $5::text[], $6::text[], $7::integer[], $8::text[], $9::integer[], $10::boolean, $11::bigint, $12::bigint, $13::float8, $14::float8, $15::float8, $16::float8, $17::float8, $18::float8, $19::float8, ST_SetSRID(ST_GeomFromGeoJSON($20::text), 4326)) m
GROUP BY GROUPING SETS ((m.class_code), (m.star), (m.certificate_state), (m.lineage_key), ())
