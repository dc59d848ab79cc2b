-- $1 hash of the token, $2 account
INSERT INTO auth.device (token_hash, account_key) VALUES (decode($1, 'hex'), $2)
ON CONFLICT (token_hash) DO UPDATE SET last_used_at = now(), account_key = EXCLUDED.account_key
