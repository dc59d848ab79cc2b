-- dossier_step($1 dossier, $2 action, $3 what is given)
SELECT workflow.move($1, $2, $3::jsonb)
