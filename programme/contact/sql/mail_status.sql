-- How many mails are in which state, and the oldest of them
SELECT state, mails, to_char(oldest, 'YYYY-MM-DD HH24:MI') AS oldest FROM notify.mail_counts()
