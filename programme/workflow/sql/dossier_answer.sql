-- dossier_answer($1 dossier, $2 answers, $3 notes)
SELECT workflow.answer_self($1, $2::jsonb, $3::jsonb)
