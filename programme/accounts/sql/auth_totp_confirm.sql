-- $1 account
UPDATE auth.account SET totp_confirmed_at = now() WHERE account_key = $1
