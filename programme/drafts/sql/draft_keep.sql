-- draft_keep($1 account, $2 entity, $3 row, $4 form)
INSERT INTO draft.record_draft (account_key, entity, row_key, form) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_key, entity, row_key) DO UPDATE SET form = EXCLUDED.form, saved_at = now()
RETURNING to_char(saved_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
