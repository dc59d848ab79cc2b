-- $1 account, $2 hash of the same password under the limits of today
UPDATE auth.account SET password_hash = $2 WHERE account_key = $1
