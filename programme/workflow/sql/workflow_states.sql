-- workflow_states(): those the table of dossiers knows
SELECT DISTINCT (regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g'))[1]
FROM pg_constraint WHERE conrelid = 'ocop.dossier'::regclass AND conname = 'dossier_dossier_state_check'
