-- $1 a moment, $2 go on after that hash: the next files, since when nothing names them, and which of them may go: no row names it,
-- nor has since that moment, nor was it ever named where nothing is overwritten
SELECT f.sha256, f.bytes, CASE WHEN f.is_kept OR f.since >= $1::timestamptz THEN false ELSE NOT files.is_named(f.sha256) END AS may_go,
       to_char(f.since, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS since
FROM (SELECT f.*, greatest(f.created_at, f.let_go_at, (SELECT max(o.created_at) FROM files.holding o WHERE o.sha256 = f.sha256)) AS since FROM files.file f
      WHERE f.sha256 > $2 ORDER BY f.sha256 LIMIT 500) f
ORDER BY f.sha256
