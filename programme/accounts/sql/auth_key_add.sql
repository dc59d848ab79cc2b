-- $1 hash, $2 prefix, $3 name, $4 account, $5 grant, $6 scopes, $7 calls a minute, $8 last day; nothing when the grant is not in force
INSERT INTO auth.api_key (key_hash, prefix, name, account_key, grant_key, scopes, rate_per_minute, expires_at)
SELECT decode($1, 'hex'), $2, $3, g.account_key, g.grant_key, $6::text[], $7, ($8::date + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
FROM auth.role_grant g
WHERE g.account_key = $4 AND g.grant_key = $5 AND auth.in_force(g, pub.business_date())
RETURNING key_key
