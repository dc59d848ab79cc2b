-- $1 hash of the code, $2 account
INSERT INTO auth.recovery_code (code_hash, account_key) VALUES (decode($1, 'hex'), $2)
