-- The planner's estimate of how many products match.
EXPLAIN (FORMAT JSON) SELECT FROM pub.match_products($1::date, $2::tsquery, $3::text[], $4::integer[], $5::text[], $6::integer[], $7::boolean, $8::bigint, $9::bigint, $10::float8, $11::float8, $12::float8, $13::float8, $14::float8, $15::float8, $16::float8, ST_SetSRID(ST_GeomFromGeoJSON($17::text), 4326))
