-- sheet_answer($1 sheet, $2 answers, $3 comments)
SELECT workflow.answer_sheet($1, $2::jsonb, $3::jsonb)
