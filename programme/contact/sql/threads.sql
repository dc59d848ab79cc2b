-- Threads on rows of these tables ($1), newest first. $2 last message of the last thread of the page before or NULL, $3 limit
SELECT t.thread_key, t.object, t.row_key, (SELECT p.name FROM ocop.producer p WHERE p.producer_key = t.producer_key) AS producer,
       to_char(t.last_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS last_at, t.last_message,
       (SELECT count(*) FROM contact.message m WHERE m.thread_key = t.thread_key AND m.message_key > coalesce(r.message_key, 0)) AS unread
FROM contact.thread t LEFT JOIN contact.thread_read r ON r.thread_key = t.thread_key
WHERE t.object = ANY ($1::text[]) AND t.last_message > 0 AND ($2::bigint IS NULL OR t.last_message < $2::bigint)
ORDER BY t.last_message DESC
LIMIT $3::integer
