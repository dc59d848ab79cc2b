-- $1 sign-up, $2 confirm, $3 reason, $4 login of the new account, $5 hash of its one-time code, $6 hours the code is good for
SELECT state, coalesce(producer_key, 0) AS producer_key FROM auth.decide_sign_up($1, $2, $3, $4, decode($5, 'hex'), $6)
