-- $1 key of a thread, or NULL and $2 table, $3 key of its row
SELECT t.thread_key, t.object, t.row_key, (SELECT p.name FROM ocop.producer p WHERE p.producer_key = t.producer_key) AS producer,
       to_char(t.last_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS last_at, t.last_message,
       (SELECT count(*) FROM contact.message m WHERE m.thread_key = t.thread_key AND m.message_key > coalesce(r.message_key, 0)) AS unread
FROM contact.thread t LEFT JOIN contact.thread_read r ON r.thread_key = t.thread_key
WHERE CASE WHEN $1::bigint IS NOT NULL THEN t.thread_key = $1::bigint ELSE t.object = $2 AND t.row_key = $3::bigint END
