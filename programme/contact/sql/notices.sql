-- The acting account's notices, unread first, newest first. $1 whether the last one of the page before was read, NULL: from the
-- beginning; $2 its key; $3 limit
SELECT i.inbox_key, e.kind, to_char(e.at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS at, to_char(i.read_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS read_at,
       e.facts::text AS facts, e.object, e.row_key
FROM notify.inbox i JOIN notify.event e USING (event_key)
WHERE $1::boolean IS NULL OR (i.read_at IS NOT NULL, -i.inbox_key) > ($1::boolean, -$2::bigint)
ORDER BY i.read_at IS NOT NULL, i.inbox_key DESC
LIMIT $3::integer
