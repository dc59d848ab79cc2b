-- $1 hash of the token, $2 account, $3 hours it lasts, $4 address, $5 user agent; acts under the first grant in force
INSERT INTO auth.session (token_hash, account_key, grant_key, expires_at, address, user_agent)
VALUES (decode($1, 'hex'), $2,
        (SELECT g.grant_key FROM auth.role_grant g WHERE g.account_key = $2 AND auth.in_force(g, pub.business_date()) ORDER BY g.role, g.grant_key LIMIT 1),
        now() + make_interval(hours => $3), $4, $5)
