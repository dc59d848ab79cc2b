-- Producers' revenue in year $5 by unit and kind of producer. $1 level and $2 day of the frame, $3 and $4 dimensions ($4 NULL: none), $6 lineages of a unit.
WITH unit AS MATERIALIZED (
    SELECT p.lineage_key, CASE $1::text WHEN 'commune' THEN p.code WHEN 'district' THEN p.district_code ELSE v.code END AS code
    FROM pub.lineage_place p LEFT JOIN pub.unit v ON v.unit_key = p.province_key
    WHERE p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to > $2::date))
SELECT CASE $3::text WHEN 'unit' THEN u.code WHEN 'kind' THEN m.kind END AS r, CASE $4::text WHEN 'unit' THEN u.code WHEN 'kind' THEN m.kind END AS c,
       b.producer_key, round(sum(b.revenue_vnd))::bigint AS value
FROM ocop.business_year b JOIN ocop.producer m USING (producer_key) LEFT JOIN unit u ON u.lineage_key = m.lineage_key
WHERE b.retired_at IS NULL AND m.retired_at IS NULL AND b.revenue_vnd IS NOT NULL AND b.report_year = $5::integer
  AND ($6::integer[] IS NULL OR m.lineage_key = ANY ($6))
GROUP BY 1, 2, 3
