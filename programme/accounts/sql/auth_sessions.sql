-- $1 account, $2 minutes a session may lie idle
SELECT session_key, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS created_at,
       to_char(last_seen_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS last_seen_at, address, user_agent
FROM auth.session
WHERE account_key = $1 AND revoked_at IS NULL AND expires_at > now() AND last_seen_at > now() - make_interval(mins => $2)
ORDER BY last_seen_at DESC, session_key DESC
