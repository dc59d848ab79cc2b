-- $1 kind, $2 a moment
SELECT rows, coalesce(to_char(oldest, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"'), '') AS oldest FROM retention.expire($1, $2::timestamptz)
