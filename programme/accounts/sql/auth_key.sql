-- $1 hash of the key
SELECT k.key_key, k.account_key, a.login, a.display_name, g.grant_key, g.role, array_to_string(k.scopes, ',') AS scopes, k.rate_per_minute,
       k.last_used_on IS DISTINCT FROM pub.business_date() AS is_stale
FROM auth.api_key k
JOIN auth.account a ON a.account_key = k.account_key AND a.state = 'active'
JOIN auth.role_grant g ON g.grant_key = k.grant_key AND g.account_key = k.account_key AND auth.in_force(g, pub.business_date())
WHERE k.key_hash = decode($1, 'hex') AND k.revoked_at IS NULL AND k.expires_at > now()
