-- rubric_officer($1 login): an officer of the province
SELECT a.account_key FROM auth.account a JOIN auth.role_grant g USING (account_key)
WHERE a.login = $1 AND g.role = 'R08' AND auth.in_force(g, pub.business_date()) LIMIT 1
