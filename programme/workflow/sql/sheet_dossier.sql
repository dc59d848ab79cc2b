-- sheet_dossier($1 sheet): of the acting member's own
SELECT dossier_key FROM workflow.my_sheets() WHERE score_sheet_key = $1
