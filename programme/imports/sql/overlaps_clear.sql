-- overlaps_clear($1 job)
DELETE FROM imports.overlap WHERE job_key = $1
