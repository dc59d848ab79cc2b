-- history($1 table, $2 key): see audit.history.
SELECT entry_key, coalesce(seq, 0) AS seq, action, version, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since,
       to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS until, login, role, account_key, grant_key, request, reason,
       changed, image::text AS image
FROM audit.history($1, $2)
ORDER BY entry_key DESC NULLS LAST
