-- job_cancel($1 job): NULL there is none, false it has ended or its rows are in
SELECT imports.cancel($1::bigint)
