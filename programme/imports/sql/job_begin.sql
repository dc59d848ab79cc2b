-- job_begin($1 job, $2 whether it is the operator's command that begins): empty when it has ended meanwhile
UPDATE imports.job j SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now())
WHERE job_key = $1 AND state IN ('queued', 'running')
RETURNING account_key, grant_key, role, request, reason, entity, file_name, file_format, partial, renamed::text, epsg, layer, phase, attempts,
          account_key IS NULL AND NOT $2::boolean AS is_left
