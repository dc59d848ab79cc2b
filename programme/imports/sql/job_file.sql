-- job_file($1 job, $2 number from 0)
SELECT bytes FROM imports.file WHERE job_key = $1 AND part = $2
