-- jobs_page($1 job or NULL: one's own, newest first, $2 most)
SELECT job_key, entity, file_name, file_format, partial, state, phase, cancel_wanted, rows_total, rows_read, rows_merged, rows_taken, rows_unchanged, rows_refused,
       coalesce(message, '') AS message, role, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SSOF') AS created_at,
       coalesce(to_char(started_at, 'YYYY-MM-DD"T"HH24:MI:SSOF'), '') AS started_at, coalesce(to_char(finished_at, 'YYYY-MM-DD"T"HH24:MI:SSOF'), '') AS finished_at,
       coalesce(extract(epoch FROM merged_at - started_at)::float8, 0) AS merged_s, coalesce(extract(epoch FROM finished_at - merged_at)::float8, 0) AS overlap_s,
       (SELECT count(*) FROM imports.overlap o WHERE o.job_key = j.job_key AND o.kind = 'same') AS same,
       (SELECT count(*) FROM imports.overlap o WHERE o.job_key = j.job_key AND o.kind = 'dispute') AS dispute,
       (SELECT count(*) FROM imports.overlap o WHERE o.job_key = j.job_key AND o.kind = 'sliver') AS sliver
FROM imports.job j WHERE $1::bigint IS NULL OR job_key = $1 ORDER BY job_key DESC LIMIT $2
