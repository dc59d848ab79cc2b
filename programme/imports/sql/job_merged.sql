-- job_merged($1 job, $2 taken, $3 unchanged, $4 keys of zones and plots or NULL): in the transaction that takes the rows
WITH kept AS (INSERT INTO imports.touched SELECT $1, k FROM unnest($4::bigint[]) k ON CONFLICT DO NOTHING)
UPDATE imports.job SET phase = 'overlaps', rows_merged = rows_read, rows_taken = $2, rows_unchanged = $3, merged_at = clock_timestamp()
WHERE job_key = $1 AND NOT cancel_wanted RETURNING job_key
