-- rubric_content($1 version_key)
SELECT content, state = 'published' FROM rubric.version WHERE version_key = $1
