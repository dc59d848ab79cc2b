-- $1 account
UPDATE auth.account SET last_sign_in_at = now() WHERE account_key = $1
