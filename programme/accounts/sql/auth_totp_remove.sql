-- $1 account
UPDATE auth.account SET totp_secret = NULL, totp_confirmed_at = NULL WHERE account_key = $1
