-- chunks($1 job, $2 rows): the last line of every so many good rows, and how many
SELECT max(line), count(*) FROM (SELECT line, (row_number() OVER (ORDER BY line) - 1) / $2::bigint AS chunk FROM imports.staged WHERE job_key = $1 AND is_good) s
GROUP BY chunk ORDER BY 1
