-- job_start_over($1 job): what an attempt that was cut off has left behind
WITH staged AS (DELETE FROM imports.staged WHERE job_key = $1), touched AS (DELETE FROM imports.touched WHERE job_key = $1)
DELETE FROM imports.issue WHERE job_key = $1
