-- $1 sign-up: what a login is made from
SELECT coalesce(email, regexp_replace(phone, '[^0-9]', '', 'g')) AS login FROM auth.sign_up WHERE sign_up_key = $1
