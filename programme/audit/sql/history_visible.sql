-- history_visible($1 table, $2 key): see audit.sees.
SELECT audit.sees($1, $2)
