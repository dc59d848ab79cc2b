-- $1 account; locked until the transaction ends: what is checked is what is changed
SELECT login, coalesce(password_hash, '') AS password_hash, coalesce(encode(totp_secret, 'hex'), '') AS totp_secret,
       totp_confirmed_at IS NOT NULL AS has_second_factor, totp_last_step
FROM auth.account
WHERE account_key = $1
FOR UPDATE
