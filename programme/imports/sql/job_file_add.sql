-- job_file_add($1 job, $2 number from 0, $3 bytes)
INSERT INTO imports.file VALUES ($1, $2, $3)
