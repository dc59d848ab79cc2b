-- $1 login, $2 name, $3 hash of the demo's password; nothing where the account is there and has its grant
INSERT INTO auth.account AS a (login, display_name, state, password_hash, password_changed_at, is_demo) VALUES ($1, $2, 'active', $3, now(), true)
ON CONFLICT (login) DO UPDATE SET password_hash = EXCLUDED.password_hash
WHERE a.is_demo AND NOT EXISTS (SELECT FROM auth.role_grant g WHERE g.account_key = a.account_key)
RETURNING account_key
