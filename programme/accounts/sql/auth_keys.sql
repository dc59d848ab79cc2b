-- $1 account
SELECT k.key_key, k.prefix, k.name, k.grant_key, g.role, coalesce(auth.scope_name(g), '') AS scope, array_to_string(k.scopes, ',') AS scopes,
       k.rate_per_minute, (k.expires_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date::text AS expires_on, coalesce(k.last_used_on::text, '') AS last_used_on
FROM auth.api_key k JOIN auth.role_grant g USING (grant_key)
WHERE k.account_key = $1 AND k.revoked_at IS NULL AND k.expires_at > now()
ORDER BY k.key_key
