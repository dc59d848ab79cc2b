-- dossier_fill($1 dossier, $2 sample_quantity, $3 previous_certificate_no, $4 registration_kind, $5 external_file_code, $6 business_result_note, $7 business_plan_note)
SELECT workflow.fill($1, $2::integer, $3, $4, $5, $6, $7)
