-- overlaps_begin($1 job)
SELECT imports.begin_overlaps($1::bigint)
