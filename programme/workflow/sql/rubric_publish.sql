-- rubric_publish($1 version_key, $2 account)
UPDATE rubric.version SET state = 'published', published_by = $2, published_at = now() WHERE version_key = $1
