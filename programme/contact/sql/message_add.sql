-- $1 table, $2 key, $3 text
INSERT INTO contact.message (thread_key, body) SELECT t.thread_key, $3 FROM contact.thread t WHERE t.object = $1 AND t.row_key = $2::bigint
RETURNING message_key, thread_key
