-- jobs_waiting(): what is to be done, or was left by a process that ended; the operator's command does its own
SELECT job_key FROM imports.job WHERE state = 'running' OR state = 'queued' AND account_key IS NOT NULL ORDER BY job_key LIMIT 100
