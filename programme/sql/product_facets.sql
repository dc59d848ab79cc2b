-- Counts of matching products by class, star, state and lineage, and in all, in one pass. facet: 7, 11, 13, 14, 15.
-- OFFSET 0 hides what the state is worked out from: the planner would expect as many states as there are certificates, and sort a million rows for them.
SELECT grouping(m.class_code, m.star, m.certificate_state, m.lineage_key) AS facet,
       m.class_code, m.star, m.certificate_state, m.lineage_key, count(*) AS products
FROM (SELECT class_code, star, certificate_state, lineage_key FROM pub.match_products($1::date, $2::tsquery, $3::text[], $4::integer[], $5::text[], $6::integer[], $7::boolean, $8::bigint, $9::bigint, $10::float8, $11::float8, $12::float8, $13::float8, $14::float8, $15::float8, $16::float8, ST_SetSRID(ST_GeomFromGeoJSON($17::text), 4326)) OFFSET 0) m
GROUP BY GROUPING SETS ((m.class_code), (m.star), (m.certificate_state), (m.lineage_key), ())
