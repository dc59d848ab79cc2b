-- $1 hash of the code, $2 account, $3 hours it is good for; the codes of before are good no more
WITH gone AS (UPDATE auth.reset_code SET expires_at = least(expires_at, now()) WHERE account_key = $2 AND used_at IS NULL)
INSERT INTO auth.reset_code (code_hash, account_key, expires_at) VALUES (decode($1, 'hex'), $2, now() + make_interval(hours => $3))
