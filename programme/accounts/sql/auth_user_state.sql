-- $1 account, $2 state; an account that never had a password waits for its first one when it is unlocked
UPDATE auth.account SET state = CASE WHEN $2 = 'active' AND password_changed_at IS NULL THEN 'pending' ELSE $2 END WHERE account_key = $1
