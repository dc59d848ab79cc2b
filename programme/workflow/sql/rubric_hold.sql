-- rubric_hold($1 version_key)
SELECT state, proposed_by FROM rubric.version WHERE version_key = $1 FOR UPDATE
