-- report_steps($1 level and $2 day of the frame, $3 by: state, unit or both, $4 from, $5 to): how long dossiers stay in the states of the procedure,
-- in working days after the day they came. A step that leads back to its state (propose, rescore) goes on with the same stay. What left after
-- $5 counts as open. The last row, is_total, holds all of them.
WITH unit AS MATERIALIZED (
    SELECT p.lineage_key, CASE $1::text WHEN 'commune' THEN p.code WHEN 'district' THEN p.district_code ELSE v.code END AS code
    FROM pub.lineage_place p LEFT JOIN pub.unit v ON v.unit_key = p.province_key
    WHERE p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to > $2::date)),
step AS MATERIALIZED (
    SELECT s.dossier_key, d.lineage_key, s.to_state, workflow.business_day(s.at) AS day, u.due_on,
           count(*) FILTER (WHERE s.from_state <> s.to_state) OVER (PARTITION BY s.dossier_key ORDER BY s.step_key) AS stay
    FROM workflow.step s JOIN ocop.dossier d USING (dossier_key) LEFT JOIN workflow.step_due u USING (step_key) WHERE d.retired_at IS NULL),
stay AS (
    SELECT dossier_key, lineage_key, min(to_state) AS state, min(day) AS entered_on, max(due_on) AS due_on,
           lead(min(day)) OVER (PARTITION BY dossier_key ORDER BY stay) AS left_on
    FROM step GROUP BY dossier_key, lineage_key, stay),
working AS MATERIALIZED (                                     -- working days up to and with each day
    SELECT g.day::date AS day, sum(coalesce((c.kind = 'working')::integer, (extract(isodow FROM g.day) < 6)::integer)) OVER (ORDER BY g.day) AS n
    FROM generate_series((SELECT min(day) FROM step), $5::date, interval '1 day') g (day) LEFT JOIN workflow.calendar_day c ON c.day = g.day::date),
counted AS (
    SELECT CASE WHEN $3::text <> 'unit' THEN s.state END AS state, CASE WHEN $3::text <> 'state' THEN u.code END AS unit,
           s.left_on IS NULL OR s.left_on > $5::date AS is_open, s.due_on < least(s.left_on, $5::date) AS is_overdue, b.n - a.n AS days
    FROM stay s LEFT JOIN unit u USING (lineage_key) JOIN working a ON a.day = s.entered_on JOIN working b ON b.day = least(s.left_on, $5::date)
    WHERE s.state NOT IN ('returned', 'withdrawn', 'not_recognised', 'certified', 'expiring', 'extended', 'expired', 'revoked')
      AND s.entered_on <= $5::date AND (s.left_on IS NULL OR s.left_on >= $4::date))
SELECT state, unit, grouping(state, unit) > 0 AS is_total, count(*) AS stays, count(*) FILTER (WHERE is_open) AS open, count(*) FILTER (WHERE is_overdue) AS overdue,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE NOT is_open) AS median, percentile_disc(0.9) WITHIN GROUP (ORDER BY days) FILTER (WHERE NOT is_open) AS p90
FROM counted GROUP BY GROUPING SETS ((state, unit), ())
