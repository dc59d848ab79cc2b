-- Products that carry the mark and are not chosen for plan number $1 yet, with what speaks for a visit, the most pressing first. $2 lineages of the plan's
-- unit or NULL, $3 one reason or NULL, $4 limit. A finding weighs more than a complaint, that more than a certificate about to end, that more than a
-- year without a visit; a finding past its day weighs most.
WITH due AS (
    SELECT c.product_key, min(c.valid_to) AS valid_to
    FROM ocop.certificate c
    WHERE c.retired_at IS NULL AND c.issued_on <= pub.business_date() AND c.valid_to > pub.business_date() AND (c.revoked_on IS NULL OR c.revoked_on > pub.business_date())
    GROUP BY c.product_key),
visit AS (
    SELECT v.product_key, max(v.inspection_date) AS last_on, bool_or(v.complaint_content IS NOT NULL AND v.complaint_result IS NULL) AS complained
    FROM ocop.post_inspection v WHERE v.retired_at IS NULL GROUP BY v.product_key),
finding AS (
    SELECT v.product_key, count(*) AS open, min(f.finding_remedy_due) AS first_due
    FROM ocop.inspection_finding f JOIN ocop.post_inspection v USING (post_inspection_key)
    WHERE f.retired_at IS NULL AND f.finding_state = 'open' GROUP BY v.product_key),
told AS (
    SELECT f.product_key, count(*) AS cases FROM contact.feedback f
    WHERE f.product_key IS NOT NULL AND f.kind IN ('complaint', 'misuse') AND f.state IN ('received', 'looking') GROUP BY f.product_key),
risk AS (
    SELECT p.product_key, p.name, p.producer_key, p.lineage_key, due.valid_to, visit.last_on, coalesce(finding.open, 0) AS open_findings, finding.first_due,
           coalesce(told.cases, 0) + coalesce(visit.complained, false)::integer AS complaints,
           array_remove(ARRAY[CASE WHEN finding.open > 0 THEN 'open_finding' END,
                              CASE WHEN told.cases > 0 OR visit.complained THEN 'complaint' END,
                              CASE WHEN due.valid_to <= pub.business_date() + 180 THEN 'expiring' END,
                              CASE WHEN visit.last_on IS NULL OR visit.last_on < pub.business_date() - 365 THEN 'long_unvisited' END], NULL) AS reasons
    FROM due JOIN ocop.product p USING (product_key)
    LEFT JOIN visit USING (product_key) LEFT JOIN finding USING (product_key) LEFT JOIN told USING (product_key)
    WHERE p.retired_at IS NULL AND ($2::integer[] IS NULL OR p.lineage_key = ANY ($2)))
SELECT r.product_key, r.name AS product, m.name AS producer, u.name AS commune, array_to_string(r.reasons, ',') AS reasons, r.valid_to, r.last_on, r.open_findings,
       r.first_due, r.complaints, count(*) OVER () AS total
FROM risk r
JOIN ocop.producer m USING (producer_key)
LEFT JOIN pub.lineage_place u ON u.lineage_key = r.lineage_key AND u.valid_from <= pub.business_date() AND (u.valid_to IS NULL OR u.valid_to > pub.business_date())
WHERE cardinality(r.reasons) > 0 AND ($3::text IS NULL OR $3 = ANY (r.reasons))
  AND NOT EXISTS (SELECT FROM ocop.inspection_target t WHERE t.product_key = r.product_key AND t.inspection_plan_no = $1 AND t.retired_at IS NULL)
ORDER BY 8 * (r.first_due < pub.business_date() AND r.open_findings > 0)::integer + 4 * (r.open_findings > 0)::integer + 3 * (r.complaints > 0)::integer
         + 2 * ('expiring' = ANY (r.reasons))::integer + ('long_unvisited' = ANY (r.reasons))::integer DESC, r.last_on NULLS FIRST, r.product_key
LIMIT $4::integer
