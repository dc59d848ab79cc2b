-- history_visible($1 table, $2 key): see audit.sees. What is only ever added to (trace.event, trace.scan) is not watched.
SELECT EXISTS (SELECT FROM audit.watched WHERE object = $1) AS is_watched, audit.sees($1, $2) AS is_seen
