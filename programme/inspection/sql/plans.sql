-- Plans of inspection, the latest first, or the one of key $1: how many products were chosen, and how many of them have been visited.
SELECT p.inspection_plan_key, p.inspection_plan_no, p.inspection_plan_kind, p.inspection_plan_from, p.inspection_plan_to, p.inspection_plan_unit_code,
       coalesce(u.name, p.inspection_plan_unit_code) AS unit_name, count(t.inspection_target_key) AS chosen,
       count(t.inspection_target_key) FILTER (WHERE EXISTS (SELECT FROM ocop.post_inspection v WHERE v.product_key = t.product_key AND v.inspection_plan_no = t.inspection_plan_no
                                                            AND v.inspection_date IS NOT NULL AND v.retired_at IS NULL)) AS visited
FROM ocop.inspection_plan p
LEFT JOIN ocop.inspection_target t ON t.inspection_plan_no = p.inspection_plan_no AND t.retired_at IS NULL
LEFT JOIN LATERAL (SELECT v.name FROM pub.unit v WHERE v.code = p.inspection_plan_unit_code AND v.valid_from <= p.inspection_plan_from ORDER BY v.valid_from DESC LIMIT 1) u ON true
WHERE p.retired_at IS NULL AND ($1::bigint IS NULL OR p.inspection_plan_key = $1::bigint)
GROUP BY p.inspection_plan_key, u.name
ORDER BY p.inspection_plan_from DESC, p.inspection_plan_key DESC
LIMIT 100
