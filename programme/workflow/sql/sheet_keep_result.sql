-- sheet_keep_result($1 dossier, $2 hashes, $3 settings, $4 result)
SELECT workflow.keep_result($1, $2::text[], $3::jsonb, $4::jsonb)
