-- dossier_item($1 item, $2 answer)
SELECT workflow.answer_item($1, $2)
