-- $1 account: the ten browsers used last are remembered
DELETE FROM auth.device
WHERE account_key = $1
  AND token_hash NOT IN (SELECT d.token_hash FROM auth.device d WHERE d.account_key = $1 ORDER BY d.last_used_at DESC LIMIT 10)
