-- Products by two dimensions, with $11 producer by producer. $1 level and $2 day of the frame, $3 and $4 dimensions ($4 NULL: none), $5 stars, $6 classes,
-- $7 states, $8 levels, $9 years, $10 lineages of a unit; NULL: all. The code of a missing value is NULL. No sort: it would cost most of the time.
WITH unit AS MATERIALIZED (
    SELECT p.lineage_key, CASE $1::text WHEN 'commune' THEN p.code WHEN 'district' THEN p.district_code ELSE v.code END AS code
    FROM pub.lineage_place p LEFT JOIN pub.unit v ON v.unit_key = p.province_key
    WHERE p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to > $2::date))
SELECT CASE $3::text WHEN 'star' THEN s.star::text WHEN 'class' THEN s.class_code WHEN 'unit' THEN u.code WHEN 'year' THEN s.year::text WHEN 'level' THEN s.level WHEN 'state' THEN s.state END AS r,
       CASE $4::text WHEN 'star' THEN s.star::text WHEN 'class' THEN s.class_code WHEN 'unit' THEN u.code WHEN 'year' THEN s.year::text WHEN 'level' THEN s.level WHEN 'state' THEN s.state END AS c,
       CASE WHEN $11::boolean THEN s.producer_key END AS producer_key, count(*) AS value
FROM ocop.product_standing s LEFT JOIN unit u USING (lineage_key)
WHERE ($5::text[] IS NULL OR coalesce(s.star::text, 'none') = ANY ($5)) AND ($6::text[] IS NULL OR coalesce(s.class_code, 'none') = ANY ($6))
  AND ($7::text[] IS NULL OR s.state = ANY ($7)) AND ($8::text[] IS NULL OR coalesce(s.level, 'none') = ANY ($8))
  AND ($9::text[] IS NULL OR coalesce(s.year::text, 'none') = ANY ($9)) AND ($10::integer[] IS NULL OR s.lineage_key = ANY ($10))
GROUP BY 1, 2, 3
