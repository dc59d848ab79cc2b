-- issues_add($1 job, $2 lines, $3 fields, $4 values, $5 what is allowed): and their rows are no good
WITH added AS (
    INSERT INTO imports.issue (job_key, line, field, value, allowed)
    SELECT $1, i.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) i)
UPDATE imports.staged SET is_good = false WHERE job_key = $1 AND line = ANY ($2::bigint[]) AND is_good
