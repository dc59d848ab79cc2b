-- overlaps_page($1 job, $2 row and $3 other row of the last one before, $4 most)
SELECT row_key, code, other_key, other_code, round(share::numeric, 4) AS share, kind FROM imports.overlap
WHERE job_key = $1 AND (row_key, other_key) > ($2::bigint, $3::bigint) ORDER BY row_key, other_key LIMIT $4
