-- job_columns($1 job, $2 columns of the file, $3 the field each is): for the report
UPDATE imports.job SET headings = $2::text[], fields = $3::text[] WHERE job_key = $1
