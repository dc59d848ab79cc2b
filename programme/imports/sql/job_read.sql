-- job_read($1 job, $2 rows in all or NULL, $3 rows read)
UPDATE imports.job SET rows_total = coalesce($2::bigint, rows_total), rows_read = $3 WHERE job_key = $1 RETURNING cancel_wanted
