-- The last time each kind was looked at
SELECT DISTINCT ON (kind) kind, rows, coalesce(to_char(oldest, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"'), '') AS oldest, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS at
FROM retention.run ORDER BY kind, day DESC
