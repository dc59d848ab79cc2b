-- $1 account, $2 the session or NULL for all, $3 the one that stays or NULL
UPDATE auth.session SET revoked_at = now()
WHERE account_key = $1 AND revoked_at IS NULL AND ($2::bigint IS NULL OR session_key = $2) AND session_key IS DISTINCT FROM $3
