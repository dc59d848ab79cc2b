-- sheet_conflict($1 sheet, $2 reason)
SELECT workflow.declare_conflict($1, $2)
