-- $1 account, $2 key
UPDATE auth.api_key SET revoked_at = now() WHERE account_key = $1 AND key_key = $2 AND revoked_at IS NULL
