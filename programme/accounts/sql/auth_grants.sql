-- $1 account: its grants in force today
SELECT g.grant_key, g.role, coalesce(auth.scope_name(g), '') AS scope, coalesce(g.unit_key, 0) AS unit_key, coalesce(g.producer_key, 0) AS producer_key,
       g.valid_from::text AS valid_from, coalesce(g.valid_to::text, '') AS valid_to
FROM auth.role_grant g
WHERE g.account_key = $1 AND auth.in_force(g, pub.business_date())
ORDER BY g.role, g.grant_key
