-- Products whose names match, best tier first; the outer LIMIT stops before a tier that is not needed.
-- $1 day; $2 folded prefix; $3 prefix as typed, NULL when typed without accents; $4 words, the last perhaps unfinished; $5 words as typed,
-- NULL when typed without accents; $6 limit.
(SELECT 0 AS tier, p.product_key AS key, p.name::text AS name, p.producer_name AS detail, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.product_period p
 WHERE p.since <= $1::date AND p.until > $1::date AND p.name_folded LIKE $2::text AND p.name_lower LIKE $3::text
 ORDER BY p.name_folded, p.product_key LIMIT $6::integer)
UNION ALL
(SELECT 1 AS tier, p.product_key AS key, p.name::text AS name, p.producer_name AS detail, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.product_period p
 WHERE p.since <= $1::date AND p.until > $1::date AND p.name_words @@ $4::tsquery AND p.name_lower LIKE ALL ($5::text[]) AND p.name_lower NOT LIKE $3::text
 ORDER BY p.product_key LIMIT $6::integer)
UNION ALL
(SELECT 2 AS tier, p.product_key AS key, p.name::text AS name, p.producer_name AS detail, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.product_period p
 WHERE p.since <= $1::date AND p.until > $1::date AND p.name_folded LIKE $2::text AND ($5::text[] IS NULL OR NOT p.name_lower LIKE ALL ($5::text[]))
 ORDER BY p.name_folded, p.product_key LIMIT $6::integer)
UNION ALL
(SELECT 3 AS tier, p.product_key AS key, p.name::text AS name, p.producer_name AS detail, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.product_period p
 WHERE p.since <= $1::date AND p.until > $1::date AND p.name_words @@ $4::tsquery AND p.name_folded NOT LIKE $2::text
   AND ($5::text[] IS NULL OR NOT p.name_lower LIKE ALL ($5::text[]))
 ORDER BY p.product_key LIMIT $6::integer)
LIMIT $6::integer
