-- paper_of_dossier($1 dossier, $2 kind, $3 sheet)
SELECT fields, version_key, set_no FROM workflow.paper($1, $2, $3)
