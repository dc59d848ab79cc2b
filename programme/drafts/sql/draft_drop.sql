-- draft_drop($1 entity, $2 row): the acting account's draft
DELETE FROM draft.record_draft WHERE entity = $1 AND row_key = $2
