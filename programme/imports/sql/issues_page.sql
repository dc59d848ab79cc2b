-- issues_page($1 job, $2 line and $3 issue of the last one before, $4 most)
SELECT issue_key, line, field, value, allowed FROM imports.issue
WHERE job_key = $1 AND (line, issue_key) > ($2::bigint, $3::bigint) ORDER BY line, issue_key LIMIT $4
