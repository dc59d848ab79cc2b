-- The newest messages of a thread ($1), oldest first; $2 before this message or NULL, $3 limit
SELECT * FROM (
    SELECT m.message_key, to_char(m.at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS at, m.author_name, m.author_role, m.body, m.author_key = auth.account() AS is_mine
    FROM contact.message m WHERE m.thread_key = $1::bigint AND ($2::bigint IS NULL OR m.message_key < $2::bigint)
    ORDER BY m.message_key DESC LIMIT $3::integer) newest
ORDER BY message_key
