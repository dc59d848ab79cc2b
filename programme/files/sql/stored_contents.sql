-- $1 go on after that hash: every content that a row needs, with its bytes
SELECT sha256, max(bytes) AS bytes FROM (SELECT sha256, bytes FROM files.file UNION ALL SELECT stored_sha256, bytes FROM files.copy) c
WHERE sha256 > $1 GROUP BY sha256 ORDER BY sha256 LIMIT 1000
