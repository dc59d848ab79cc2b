-- $1 account
DELETE FROM auth.recovery_code WHERE account_key = $1
