-- Products whose names match, best tier first; the outer LIMIT stops before a tier that is not needed.
-- $1 day; $2 folded prefix; $3 prefix as typed, NULL when typed without accents; $4-$6 folded words, $7 more of them;
-- $8 words as typed, NULL when typed without accents; $9 limit.
(SELECT 0 AS tier, p.product_key AS key, p.name::text, p.producer_name AS detail, p.lineage_key, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.product_period p
 WHERE p.since <= $1::date AND p.until > $1::date AND p.name_folded LIKE $2::text AND p.name_lower LIKE $3::text
 ORDER BY p.name_folded, p.product_key LIMIT $9::integer)
UNION ALL
(SELECT 1, p.product_key, p.name, p.producer_name, p.lineage_key, ST_X(p.geom), ST_Y(p.geom)
 FROM pub.product_period p
 WHERE p.since <= $1::date AND p.until > $1::date AND p.search_folded LIKE $4::text AND p.name_lower LIKE ALL ($8::text[]) AND p.name_lower NOT LIKE $3::text
 ORDER BY p.name_folded, p.product_key LIMIT $9::integer)
UNION ALL
(SELECT 2, p.product_key, p.name, p.producer_name, p.lineage_key, ST_X(p.geom), ST_Y(p.geom)
 FROM pub.product_period p
 WHERE p.since <= $1::date AND p.until > $1::date AND p.name_folded LIKE $2::text
   AND ($8::text[] IS NULL OR NOT p.name_lower LIKE ALL ($8::text[]))
 ORDER BY p.name_folded, p.product_key LIMIT $9::integer)
UNION ALL
(SELECT 3, p.product_key, p.name, p.producer_name, p.lineage_key, ST_X(p.geom), ST_Y(p.geom)
 FROM pub.product_period p
 WHERE p.since <= $1::date AND p.until > $1::date
   AND p.search_folded LIKE $4::text AND p.name_folded LIKE $4::text
   AND ($5::text IS NULL OR p.search_folded LIKE $5::text AND p.name_folded LIKE $5::text)
   AND ($6::text IS NULL OR p.search_folded LIKE $6::text AND p.name_folded LIKE $6::text)
   AND ($7::text[] IS NULL OR p.name_folded LIKE ALL ($7::text[]))
   AND p.name_folded NOT LIKE $2::text AND ($8::text[] IS NULL OR NOT p.name_lower LIKE ALL ($8::text[]))
 ORDER BY p.name_folded, p.product_key LIMIT $9::integer)
LIMIT $9::integer
