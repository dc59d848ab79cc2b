-- Producers whose names match, best tier first; parameters as suggest_products.
(SELECT 0 AS tier, p.producer_key AS key, p.name::text AS name, p.kind AS detail, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.producer_search p
 WHERE p.registered_on <= $1::date AND p.name_folded LIKE $2::text AND lower(p.name) LIKE $3::text
 ORDER BY p.name_folded, p.producer_key LIMIT $6::integer)
UNION ALL
(SELECT 1 AS tier, p.producer_key AS key, p.name::text AS name, p.kind AS detail, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.producer_search p
 WHERE p.registered_on <= $1::date AND p.name_words @@ $4::tsquery AND lower(p.name) LIKE ALL ($5::text[]) AND lower(p.name) NOT LIKE $3::text
 ORDER BY p.producer_key LIMIT $6::integer)
UNION ALL
(SELECT 2 AS tier, p.producer_key AS key, p.name::text AS name, p.kind AS detail, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.producer_search p
 WHERE p.registered_on <= $1::date AND p.name_folded LIKE $2::text AND ($5::text[] IS NULL OR NOT lower(p.name) LIKE ALL ($5::text[]))
 ORDER BY p.name_folded, p.producer_key LIMIT $6::integer)
UNION ALL
(SELECT 3 AS tier, p.producer_key AS key, p.name::text AS name, p.kind AS detail, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.producer_search p
 WHERE p.registered_on <= $1::date AND p.name_words @@ $4::tsquery AND p.name_folded NOT LIKE $2::text
   AND ($5::text[] IS NULL OR NOT lower(p.name) LIKE ALL ($5::text[]))
 ORDER BY p.producer_key LIMIT $6::integer)
LIMIT $6::integer
