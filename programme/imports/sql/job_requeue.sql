-- job_requeue($1 job): the process ends in good order and the next one goes on
UPDATE imports.job SET state = 'queued', attempts = attempts - 1 WHERE job_key = $1
