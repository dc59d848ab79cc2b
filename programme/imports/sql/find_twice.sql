-- find_twice($1 job): external ids that stand twice in the file, where, and where first
SELECT line, external_id, first_line
FROM (SELECT line, external_id, is_good, min(line) OVER (PARTITION BY external_id) AS first_line FROM imports.staged WHERE job_key = $1 AND external_id IS NOT NULL) s
WHERE line > first_line AND is_good ORDER BY line
