-- The end of the audit's chain and the stored files, one row
SELECT a.unsealed, coalesce(to_char(a.oldest, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"'), '') AS oldest, coalesce(a.oldest < now() - interval '1 minute', false) AS is_late,
       a.sealed, coalesce(to_char(a.sealed_to, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"'), '') AS sealed_to,
       f.files, f.bytes::bigint AS bytes, f.waiting, f.infected, f.uploads
FROM audit.tail() a, files.totals() f
