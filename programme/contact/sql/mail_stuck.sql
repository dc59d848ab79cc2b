-- What was given up, and what failed and will be tried again, newest first
SELECT mail_key, login, kind, state, attempts, to_char(made_at, 'YYYY-MM-DD HH24:MI') AS made_at, to_char(next_at, 'YYYY-MM-DD HH24:MI') AS next_at, last_error
FROM notify.stuck_mail(100)
