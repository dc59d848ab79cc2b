-- $1 session, $2 account, $3 grant
UPDATE auth.session SET grant_key = $3
WHERE session_key = $1
  AND EXISTS (SELECT FROM auth.role_grant g WHERE g.grant_key = $3 AND g.account_key = $2 AND auth.in_force(g, pub.business_date()))
