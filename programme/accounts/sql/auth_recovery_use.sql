-- $1 hash of the code, $2 account
UPDATE auth.recovery_code SET used_at = now() WHERE code_hash = decode($1, 'hex') AND account_key = $2 AND used_at IS NULL
