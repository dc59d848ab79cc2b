-- $1 account, $2 hash; a first password makes a pending account active
UPDATE auth.account
SET password_hash = $2, password_changed_at = now(), state = CASE state WHEN 'pending' THEN 'active' ELSE state END
WHERE account_key = $1
