-- impact_results($1 since): the last result of each dossier with its signed sheets
SELECT r.dossier_key, p.name AS product, r.version_key, w.set_no, (r.result->>'star')::integer AS star, r.result->>'mean_total' AS mean_total,
       (SELECT jsonb_agg(jsonb_build_object('name', g.score_sheet_key::text, 'options', g.sheet->'options') ORDER BY g.score_sheet_key)
        FROM ocop.score_sheet s JOIN workflow.signature g USING (score_sheet_key) WHERE s.dossier_key = r.dossier_key AND s.score_round = r.score_round) AS members
FROM (SELECT DISTINCT ON (dossier_key) * FROM workflow.result WHERE made_at >= $1::date ORDER BY dossier_key, result_key DESC) r
JOIN workflow.dossier w USING (dossier_key) JOIN ocop.dossier d USING (dossier_key) JOIN ocop.product p USING (product_key)
WHERE EXISTS (SELECT FROM ocop.score_sheet s JOIN workflow.signature g USING (score_sheet_key) WHERE s.dossier_key = r.dossier_key AND s.score_round = r.score_round)
ORDER BY r.dossier_key
