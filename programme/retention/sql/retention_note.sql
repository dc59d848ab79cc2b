-- $1 day, $2 kind, $3 rows, $4 oldest or empty: what was done; an operator may do it again
INSERT INTO retention.run AS r (day, kind, rows, oldest) VALUES ($1::date, $2, $3, nullif($4, '')::timestamptz)
ON CONFLICT (day, kind) DO UPDATE SET rows = r.rows + EXCLUDED.rows, oldest = least(r.oldest, EXCLUDED.oldest), at = now()
