-- job_end($1 job, $2 state, $3 message or NULL)
UPDATE imports.job j SET state = $2, message = $3, finished_at = clock_timestamp(),
    rows_refused = (SELECT count(DISTINCT i.line) FROM imports.issue i WHERE i.job_key = $1 AND i.line > 0)
WHERE job_key = $1
