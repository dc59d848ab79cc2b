-- jobs_open(): how many of one's own jobs have not ended
SELECT count(*) FROM imports.job WHERE state IN ('queued', 'running')
