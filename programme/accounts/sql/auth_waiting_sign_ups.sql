-- For administrators: where sign-ups wait for the commune's answer; who asks is the commune's business
SELECT commune, waiting, to_char(oldest, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS oldest FROM auth.waiting_sign_ups()
