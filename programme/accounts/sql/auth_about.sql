-- auth_about($1 account): all that is kept about the person behind it, but for what would let somebody in.
SELECT jsonb_build_object(
    'login', a.login, 'name', a.display_name, 'email', a.email, 'phone', a.phone, 'state', a.state, 'created_at', a.created_at,
    'password_changed_at', a.password_changed_at, 'last_sign_in_at', a.last_sign_in_at, 'second_factor', a.totp_confirmed_at IS NOT NULL,
    'grants', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'scope', auth.scope_name(g), 'valid_from', g.valid_from, 'valid_to', g.valid_to,
                                                            'document', g.document) ORDER BY g.grant_key), '[]') FROM auth.role_grant g WHERE g.account_key = a.account_key),
    'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object('created_at', s.created_at, 'last_seen_at', s.last_seen_at, 'address', s.address,
                                                              'user_agent', s.user_agent) ORDER BY s.session_key), '[]') FROM auth.session s WHERE s.account_key = a.account_key),
    'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', k.name, 'prefix', k.prefix, 'created_at', k.created_at, 'expires_at', k.expires_at)
                                       ORDER BY k.key_key), '[]') FROM auth.api_key k WHERE k.account_key = a.account_key),
    'sign_ups', (SELECT coalesce(jsonb_agg(to_jsonb(u) - ARRAY['account_key', 'decided_by'] ORDER BY u.sign_up_key), '[]')
                 FROM auth.sign_up u WHERE u.account_key = a.account_key))::text AS about
FROM auth.account a WHERE a.account_key = $1
