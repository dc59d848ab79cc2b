-- Findings that are open, of product $1 or, NULL, all that fall due by $2 or earlier: the first due first. answered: the producer says what was done.
SELECT f.inspection_finding_key, v.product_key, p.name AS product, m.name AS producer, f.finding_severity, f.finding_text, f.finding_remedy_due,
       f.finding_remedy_due < pub.business_date() AS is_late,
       EXISTS (SELECT FROM ocop.remedy r WHERE r.inspection_finding_key = f.inspection_finding_key AND r.retired_at IS NULL) AS answered
FROM ocop.inspection_finding f
JOIN ocop.post_inspection v USING (post_inspection_key)
JOIN ocop.product p ON p.product_key = v.product_key
JOIN ocop.producer m ON m.producer_key = f.producer_key
WHERE f.retired_at IS NULL AND f.finding_state = 'open'
  AND CASE WHEN $1::bigint IS NULL THEN f.finding_remedy_due <= $2::date ELSE v.product_key = $1::bigint END
ORDER BY f.finding_remedy_due NULLS LAST, f.inspection_finding_key
LIMIT 100
