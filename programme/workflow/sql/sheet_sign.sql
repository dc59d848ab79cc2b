-- sheet_sign($1 sheet): hash of what was signed
SELECT workflow.sign_sheet($1)
