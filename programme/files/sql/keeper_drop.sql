-- $1 SHA-256, $2 a moment: again, now that nobody can begin to name it. What it leaves: contents that nothing else uses.
WITH copies AS MATERIALIZED (SELECT c.stored_sha256 FROM files.copy c WHERE c.sha256 = $1),
gone AS (
    DELETE FROM files.file f
    WHERE f.sha256 = $1 AND NOT f.is_kept AND greatest(f.created_at, f.let_go_at, (SELECT max(o.created_at) FROM files.holding o WHERE o.sha256 = f.sha256))
          < $2::timestamptz AND NOT files.is_named(f.sha256)
    RETURNING f.sha256)
SELECT left_over.sha256 FROM gone CROSS JOIN LATERAL (SELECT gone.sha256 UNION SELECT stored_sha256 FROM copies) left_over
WHERE NOT EXISTS (SELECT FROM files.copy c WHERE c.stored_sha256 = left_over.sha256 AND c.sha256 <> $1)
  AND NOT EXISTS (SELECT FROM files.file f WHERE f.sha256 = left_over.sha256 AND f.sha256 <> $1)
