-- $1 login, $2 name, $3 hash of the demo's password; again gives the same account
INSERT INTO auth.account (login, display_name, state, password_hash, password_changed_at, is_demo) VALUES ($1, $2, 'active', $3, now(), true)
ON CONFLICT (login) DO NOTHING
RETURNING account_key
