-- $1 account, $2 step: each is taken once
UPDATE auth.account SET totp_last_step = $2 WHERE account_key = $1 AND totp_last_step < $2
