-- A page of products by name. For relevance, $25-$32 cut out one tier: folded prefix, prefix as typed, words, words as
-- typed, and the same four excluded.
-- $1-$20 pub.match_products; $21 the last day of the old districts; $22 limit; $23, $24 the last row of the page before.
SELECT m.sort_value,
       m.product_key, m.name, m.class_code, c.name_vi AS class_vi, c.name_en AS class_en, m.certificate_state, m.star,
       m.certificate_valid_to, m.producer_key, m.producer_name, m.location_approximate, m.is_demo,
       ST_X(m.geom) AS lon, ST_Y(m.geom) AS lat,
       today.code AS commune_code, today.name AS commune_name, old.district_code, old.district_name
FROM (
    SELECT p.*, p.name AS sort_value
    FROM pub.match_products($1::date, $2::text, $3::text, $4::text, $5::text[], $6::text[], $7::integer[], $8::text[], $9::integer[], $10::boolean, $11::bigint, $12::bigint, $13::float8, $14::float8, $15::float8, $16::float8, $17::float8, $18::float8, $19::float8, ST_SetSRID(ST_GeomFromGeoJSON($20::text), 4326)) p
    WHERE ($24::bigint IS NULL OR (p.name COLLATE pub.vi, p.product_key) > ($23::text COLLATE pub.vi, $24::bigint))
  AND ($25::text IS NULL OR p.name_folded LIKE $25)
  AND ($26::text IS NULL OR p.name_lower LIKE $26)
  AND ($27::text[] IS NULL OR p.name_folded LIKE ALL ($27))
  AND ($28::text[] IS NULL OR p.name_lower LIKE ALL ($28))
  AND ($29::text IS NULL OR p.name_folded NOT LIKE $29)
  AND ($30::text IS NULL OR p.name_lower NOT LIKE $30)
  AND ($31::text[] IS NULL OR NOT p.name_folded LIKE ALL ($31))
  AND ($32::text[] IS NULL OR NOT p.name_lower LIKE ALL ($32))
    ORDER BY p.name COLLATE pub.vi, p.product_key
    LIMIT $22::integer) m
LEFT JOIN pub.product_class c USING (class_code)
LEFT JOIN pub.lineage_place today ON today.lineage_key = m.lineage_key AND today.valid_from <= $1::date AND (today.valid_to IS NULL OR today.valid_to > $1::date)
LEFT JOIN pub.lineage_place old ON old.lineage_key = m.lineage_key AND old.valid_from <= $21::date AND (old.valid_to IS NULL OR old.valid_to > $21::date)
ORDER BY m.name COLLATE pub.vi, m.product_key
