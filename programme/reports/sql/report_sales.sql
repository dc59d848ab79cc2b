-- What was sold in year $11, producer by producer, by two dimensions of the products. $1 to $10 as in report_counts.
WITH unit AS MATERIALIZED (
    SELECT p.lineage_key, CASE $1::text WHEN 'commune' THEN p.code WHEN 'district' THEN p.district_code ELSE v.code END AS code
    FROM pub.lineage_place p LEFT JOIN pub.unit v ON v.unit_key = p.province_key
    WHERE p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to > $2::date)),
sold AS (
    SELECT product_key, sum(sales_value_vnd) AS value FROM ocop.sale
    WHERE retired_at IS NULL AND sales_value_vnd IS NOT NULL AND sales_month >= make_date($11::integer, 1, 1) AND sales_month < make_date($11::integer + 1, 1, 1)
    GROUP BY product_key)
SELECT CASE $3::text WHEN 'star' THEN s.star::text WHEN 'class' THEN s.class_code WHEN 'unit' THEN u.code WHEN 'year' THEN s.year::text WHEN 'level' THEN s.level WHEN 'state' THEN s.state END AS r,
       CASE $4::text WHEN 'star' THEN s.star::text WHEN 'class' THEN s.class_code WHEN 'unit' THEN u.code WHEN 'year' THEN s.year::text WHEN 'level' THEN s.level WHEN 'state' THEN s.state END AS c,
       s.producer_key, round(sum(sold.value))::bigint AS value
FROM sold JOIN ocop.product_standing s USING (product_key) LEFT JOIN unit u USING (lineage_key)
WHERE ($5::text[] IS NULL OR coalesce(s.star::text, 'none') = ANY ($5)) AND ($6::text[] IS NULL OR coalesce(s.class_code, 'none') = ANY ($6))
      AND ($7::text[] IS NULL OR s.state = ANY ($7)) AND ($8::text[] IS NULL OR coalesce(s.level, 'none') = ANY ($8))
      AND ($9::text[] IS NULL OR coalesce(s.year::text, 'none') = ANY ($9)) AND ($10::integer[] IS NULL OR s.lineage_key = ANY ($10))
GROUP BY 1, 2, 3
