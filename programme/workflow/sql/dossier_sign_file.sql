-- dossier_sign_file($1 dossier, $2 about, $3 sheet or NULL, $4 SHA-256 of the file)
SELECT workflow.attach_signed($1, $2, $3, $4)
