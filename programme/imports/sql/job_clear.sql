-- job_clear($1 job): the file, and staged rows that no report shows
WITH file AS (DELETE FROM imports.file WHERE job_key = $1), touched AS (DELETE FROM imports.touched WHERE job_key = $1)
DELETE FROM imports.staged s USING imports.job j
WHERE s.job_key = $1 AND j.job_key = $1 AND (j.state = 'cancelled' OR j.rows_refused = 0 OR (j.state = 'done' AND s.is_good))
