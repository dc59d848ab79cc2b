-- touched($1 job)
SELECT row_key FROM imports.touched WHERE job_key = $1 ORDER BY row_key
