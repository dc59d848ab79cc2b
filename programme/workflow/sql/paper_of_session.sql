-- paper_of_session($1 session, $2 kind)
SELECT fields, version_key, version_count FROM workflow.session_paper($1, $2)
