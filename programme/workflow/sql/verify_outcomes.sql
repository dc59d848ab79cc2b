-- verify_outcomes(): what was decided from a result and is another by now
SELECT g.dossier_key, w.score_round,
       format('the record says %s points and %s stars, the result %s and %s', g.mean_total, g.awarded_star, r.result->>'mean_total', r.result->>'star') AS what
FROM ocop.grading_result g JOIN workflow.dossier w USING (dossier_key)
JOIN LATERAL (SELECT * FROM workflow.result r WHERE r.dossier_key = g.dossier_key AND r.score_round = w.score_round ORDER BY r.result_key DESC LIMIT 1) r ON true
WHERE g.minutes_no IS NOT NULL AND g.retired_at IS NULL AND g.central_forward_date IS NULL
  AND (g.mean_total, g.awarded_star) IS DISTINCT FROM ((r.result->>'mean_total')::numeric(9,6), (r.result->>'star')::integer)
