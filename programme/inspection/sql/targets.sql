-- The products chosen for plan number $1 (NULL: any), or the chosen one of key $2, with the day of the visit: those still to be visited first.
SELECT t.inspection_target_key, t.inspection_plan_no, t.product_key, p.name AS product, m.name AS producer, u.name AS commune, t.target_reason, t.target_note,
       v.post_inspection_key, v.inspection_date
FROM ocop.inspection_target t
JOIN ocop.product p USING (product_key)
JOIN ocop.producer m ON m.producer_key = t.producer_key
LEFT JOIN pub.lineage_place u ON u.lineage_key = t.lineage_key AND u.valid_from <= pub.business_date() AND (u.valid_to IS NULL OR u.valid_to > pub.business_date())
LEFT JOIN LATERAL (SELECT i.post_inspection_key, i.inspection_date FROM ocop.post_inspection i
                   WHERE i.product_key = t.product_key AND i.inspection_plan_no = t.inspection_plan_no AND i.inspection_date IS NOT NULL AND i.retired_at IS NULL
                   ORDER BY i.inspection_date DESC LIMIT 1) v ON true
WHERE t.retired_at IS NULL AND ($1::text IS NULL OR t.inspection_plan_no = $1) AND ($2::bigint IS NULL OR t.inspection_target_key = $2::bigint)
ORDER BY v.inspection_date IS NOT NULL, u.name, m.name, p.name
LIMIT 500
