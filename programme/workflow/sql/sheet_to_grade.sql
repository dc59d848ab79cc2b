-- sheet_to_grade($1 dossier, $2 without those who stayed away)
SELECT version_key, set_no, score_round, members, settings, workflow.disqualified_by(hashes) AS disqualified, hashes::text FROM workflow.to_grade($1, $2)
