-- job_merging($1 job, $2 rows gone through)
UPDATE imports.job SET phase = 'merging', rows_total = rows_read, rows_merged = $2 WHERE job_key = $1 RETURNING cancel_wanted
