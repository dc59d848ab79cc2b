-- Producers whose names match, best tier first; parameters as suggest_products.
(SELECT 0 AS tier, p.producer_key AS key, p.name, p.kind AS detail, p.lineage_key, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
 FROM pub.producer p
 WHERE p.registered_on <= $1::date AND p.name_folded COLLATE "C" LIKE $2::text AND lower(p.name) LIKE $3::text
 ORDER BY p.name_folded COLLATE "C", p.producer_key LIMIT $9::integer)
UNION ALL
(SELECT 1, p.producer_key, p.name, p.kind, p.lineage_key, ST_X(p.geom), ST_Y(p.geom)
 FROM pub.producer p
 WHERE p.registered_on <= $1::date AND p.name_folded LIKE $4::text AND lower(p.name) LIKE ALL ($8::text[]) AND lower(p.name) NOT LIKE $3::text
 ORDER BY p.name_folded COLLATE "C", p.producer_key LIMIT $9::integer)
UNION ALL
(SELECT 2, p.producer_key, p.name, p.kind, p.lineage_key, ST_X(p.geom), ST_Y(p.geom)
 FROM pub.producer p
 WHERE p.registered_on <= $1::date AND p.name_folded COLLATE "C" LIKE $2::text
   AND ($8::text[] IS NULL OR NOT lower(p.name) LIKE ALL ($8::text[]))
 ORDER BY p.name_folded COLLATE "C", p.producer_key LIMIT $9::integer)
UNION ALL
(SELECT 3, p.producer_key, p.name, p.kind, p.lineage_key, ST_X(p.geom), ST_Y(p.geom)
 FROM pub.producer p
 WHERE p.registered_on <= $1::date AND p.name_folded LIKE $4::text AND ($5::text IS NULL OR p.name_folded LIKE $5::text)
   AND ($6::text IS NULL OR p.name_folded LIKE $6::text) AND ($7::text[] IS NULL OR p.name_folded LIKE ALL ($7::text[]))
   AND p.name_folded COLLATE "C" NOT LIKE $2::text AND ($8::text[] IS NULL OR NOT lower(p.name) LIKE ALL ($8::text[]))
 ORDER BY p.name_folded COLLATE "C", p.producer_key LIMIT $9::integer)
LIMIT $9::integer
