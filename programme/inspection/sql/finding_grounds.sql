-- Which ground for withdrawal each open finding of product $1 would be: for officials only, whom the column is shown to.
SELECT f.inspection_finding_key, f.finding_ground
FROM ocop.inspection_finding f JOIN ocop.post_inspection v USING (post_inspection_key)
WHERE v.product_key = $1::bigint AND f.retired_at IS NULL AND f.finding_state = 'open' AND f.finding_ground IS NOT NULL
