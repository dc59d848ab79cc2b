-- report_deadlines($1 day, $2 kind or NULL, $3 limit or NULL): limits that nothing has met yet, the first to end first
SELECT l.kind, l.since, l.due_on, l.due_on - $1::date AS days, d.dossier_key, d.dossier_no, d.dossier_state, p.name AS product, m.name AS producer, u.name AS commune,
       count(*) OVER () AS total, count(*) FILTER (WHERE l.due_on < $1::date) OVER () AS overdue
FROM workflow.deadlines() l JOIN ocop.dossier d USING (dossier_key) JOIN ocop.product p USING (product_key) JOIN ocop.producer m ON m.producer_key = p.producer_key
LEFT JOIN pub.lineage_place u ON u.lineage_key = d.lineage_key AND u.valid_from <= $1::date AND (u.valid_to IS NULL OR u.valid_to > $1::date)
WHERE l.done_on IS NULL AND d.retired_at IS NULL AND ($2::text IS NULL OR l.kind = $2)
ORDER BY l.due_on, d.dossier_key, l.kind LIMIT $3::integer
