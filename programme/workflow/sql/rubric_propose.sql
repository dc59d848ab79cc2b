-- rubric_propose($1 version_key, $2 account)
UPDATE rubric.version v SET state = 'proposed', proposed_by = $2, proposed_at = now()
WHERE version_key = $1 AND v.content->>'state' = 'complete' AND EXISTS (SELECT FROM rubric.option o WHERE o.version_key = v.version_key)
