-- paper_of_dossier($1 dossier, $2 kind, $3 sheet)
SELECT CASE $2 WHEN 'commune-meeting' THEN workflow.meeting_paper($1) WHEN 'score-sheet' THEN fields || jsonb_build_object('conditions', (SELECT jsonb_agg(c - '{id,en}'::text[]) FROM workflow.named_conditions($1) n, jsonb_array_elements(n.conditions) c WHERE n.score_sheet_key = $3)) ELSE fields END AS fields,
       version_key, set_no FROM workflow.paper($1, $2, $3)
