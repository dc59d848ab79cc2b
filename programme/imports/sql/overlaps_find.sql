-- overlaps_find($1 job, $2 keys)
SELECT imports.find_overlaps($1::bigint, $2::bigint[])
