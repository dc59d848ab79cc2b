-- draft_find($1 entity, $2 row): the acting account's draft
SELECT form, to_char(saved_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
FROM draft.record_draft WHERE entity = $1 AND row_key = $2
