-- $1 days, $2 go on after that hash: the next files, and which of them may go: no row names it, nor has for so long, nor was it
-- ever named where nothing is overwritten
SELECT f.sha256, f.bytes,
       CASE WHEN f.is_kept OR greatest(f.created_at, f.let_go_at, (SELECT max(o.created_at) FROM files.holding o WHERE o.sha256 = f.sha256))
                 > now() - make_interval(days => $1) THEN false
            ELSE NOT files.is_named(f.sha256) END AS may_go
FROM files.file f WHERE f.sha256 > $2 ORDER BY f.sha256 LIMIT 500
