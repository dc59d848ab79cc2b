-- Rows and older versions that differ from the hashes of their entries, at most 1,000.
SELECT w.object || ' ' || u.row_key || ' (entry ' || u.entry_key || '): '
       || CASE WHEN u.is_hash IS NULL THEN 'the row is gone without an entry' ELSE 'the row is not as its last entry left it' END
FROM audit.watched w CROSS JOIN LATERAL audit.unrecorded(w.object) u
UNION ALL
SELECT e.object || ' ' || e.row_key || ' (entry ' || e.entry_key || '): the version before it is not as it was'
FROM audit.entry e LEFT JOIN audit.revision v USING (entry_key)
WHERE e.before_hash IS NOT NULL AND e.action <> 'migrate' AND coalesce(v.blanked, '{}') = '{}'
  AND sha256(convert_to(v.image::text, 'UTF8')) IS DISTINCT FROM e.before_hash
LIMIT 1000
