-- $1 account, $2 sealed secret
UPDATE auth.account SET totp_secret = decode($2, 'hex') WHERE account_key = $1 AND totp_confirmed_at IS NULL
