-- $1 most: imports of everybody, those under way first
SELECT job_key, coalesce(login, '') AS login, role, entity, state, phase, coalesce(rows_total, 0) AS rows_total, rows_read, rows_merged, rows_refused, attempts,
       to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS created_at, coalesce(to_char(finished_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"'), '') AS finished_at
FROM imports.overview($1)
