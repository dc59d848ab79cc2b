-- jobs_sweep(): the rows of a report are kept for 7 days, jobs for 30
DELETE FROM imports.staged s USING imports.job j WHERE j.job_key = s.job_key AND j.finished_at < now() - interval '7 days';
DELETE FROM imports.job WHERE finished_at < now() - interval '30 days' OR (account_key IS NULL AND created_at < now() - interval '30 days')
