-- $1 producer, $2 kind, $3 code of a commune of today, $4 contact, $5 phone, $6 e-mail, $7 note, $8 version of the consent
INSERT INTO auth.sign_up (producer_name, kind, unit_key, contact_name, phone, email, note, consent_version)
SELECT $1, $2, u.unit_key, $4, $5, $6, $7, $8 FROM pub.commune u WHERE u.code = $3
RETURNING sign_up_key
