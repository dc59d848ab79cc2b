-- job_headings($1 job): one a row, with the field it is
SELECT h.heading, coalesce(h.field, '') AS field FROM imports.job j, unnest(j.headings, j.fields) WITH ORDINALITY h (heading, field, n) WHERE j.job_key = $1 ORDER BY h.n
