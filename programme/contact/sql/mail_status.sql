-- For the operator: how many mails are in which state, and the oldest of them
SELECT state, count(*) AS mails, to_char(min(made_at), 'YYYY-MM-DD HH24:MI') AS oldest FROM notify.mail GROUP BY state ORDER BY state
