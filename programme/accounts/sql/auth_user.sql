-- $1 login
SELECT account_key, state FROM auth.account WHERE login = $1
