-- verify_signatures(): every signature, and whether the sheet still says what was signed
SELECT s.dossier_key, s.score_round, s.score_sheet_key,
       (g.sheet->'options', g.sheet->'comments', g.sheet->'conditions', g.sheet->>'rubric_digest') IS DISTINCT FROM
           (workflow.canonical_sheet(s.score_sheet_key)->'options', workflow.canonical_sheet(s.score_sheet_key)->'comments', workflow.canonical_sheet(s.score_sheet_key)->'conditions', v.digest)
       OR (SELECT sum(c.score_points) FROM ocop.score c WHERE c.score_sheet_key = s.score_sheet_key AND c.retired_at IS NULL) IS DISTINCT FROM
          (SELECT sum(coalesce(o.points, 0)) FROM jsonb_each_text(g.sheet->'options') k
           LEFT JOIN rubric.option o ON o.version_key = w.version_key AND o.set_no = w.set_no AND o.criterion = k.key AND o.option_no::text = k.value) AS differs
FROM workflow.signature g JOIN ocop.score_sheet s USING (score_sheet_key) JOIN workflow.dossier w USING (dossier_key) JOIN rubric.version v USING (version_key)
ORDER BY 1, 2, 3
