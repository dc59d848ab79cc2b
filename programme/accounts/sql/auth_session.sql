-- $1 hash of the token, $2 minutes it may lie idle, $3 minutes after its sign-in that it counts as recent
SELECT s.session_key, s.account_key, a.login, a.display_name, coalesce(g.grant_key, 0) AS grant_key, coalesce(g.role, '') AS role,
       a.totp_confirmed_at IS NOT NULL AS has_second_factor, s.last_seen_at < now() - interval '1 minute' AS is_stale,
       s.created_at > now() - make_interval(mins => $3) AS is_recent
FROM auth.session s
JOIN auth.account a ON a.account_key = s.account_key AND a.state = 'active'
LEFT JOIN auth.role_grant g ON g.grant_key = s.grant_key AND auth.in_force(g, pub.business_date())
WHERE s.token_hash = decode($1, 'hex') AND s.revoked_at IS NULL AND s.expires_at > now()
  AND s.last_seen_at > now() - make_interval(mins => $2)
