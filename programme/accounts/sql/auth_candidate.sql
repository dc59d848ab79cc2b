-- $1 login, $2 hash of the device's token or empty. A demo account is closed as soon as the record holds more than a demo.
SELECT a.account_key, CASE WHEN a.is_demo AND NOT auth.is_demo_record() THEN 'closed' ELSE a.state END AS state, coalesce(a.password_hash, '') AS password_hash,
       EXISTS (SELECT FROM auth.device d WHERE d.account_key = a.account_key AND d.token_hash = decode($2, 'hex')
                 AND d.last_used_at > now() - interval '180 days') AS knows_device,
       a.totp_confirmed_at IS NOT NULL AS has_second_factor
FROM auth.account a
WHERE a.login = $1
