-- For the operator: what was given up, newest first
SELECT m.mail_key, a.login, e.kind, m.attempts, to_char(m.made_at, 'YYYY-MM-DD HH24:MI') AS made_at, coalesce(m.last_error, '') AS last_error
FROM notify.mail m JOIN auth.account a USING (account_key) JOIN notify.event e USING (event_key) WHERE m.state = 'dead' ORDER BY m.mail_key DESC LIMIT 100
