-- The acting account has read a thread ($1) to its end
INSERT INTO contact.thread_read (account_key, thread_key, message_key)
SELECT auth.account(), t.thread_key, t.last_message FROM contact.thread t WHERE t.thread_key = $1::bigint
ON CONFLICT (account_key, thread_key) DO UPDATE SET message_key = excluded.message_key
