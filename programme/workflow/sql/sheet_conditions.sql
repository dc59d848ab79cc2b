-- sheet_conditions($1 sheet, $2 reasons by condition)
SELECT workflow.name_conditions($1, $2::jsonb)
