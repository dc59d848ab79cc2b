-- $1 account, $2 grant: whether it is that account's
SELECT FROM auth.role_grant WHERE account_key = $1 AND grant_key = $2
