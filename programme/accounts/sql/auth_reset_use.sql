-- $1 login, $2 hash of the code; a code is good once
UPDATE auth.reset_code r SET used_at = now()
FROM auth.account a
WHERE r.code_hash = decode($2, 'hex') AND r.used_at IS NULL AND r.expires_at > now()
  AND a.account_key = r.account_key AND a.login = $1 AND a.state IN ('pending', 'active')
RETURNING a.account_key
