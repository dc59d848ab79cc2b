-- $1 account, $2 state
UPDATE auth.account SET state = $2 WHERE account_key = $1
