-- $1 account, $2 name, $3 e-mail, $4 phone: NULL leaves as it is, empty e-mail and phone are none
UPDATE auth.account
SET display_name = coalesce($2, display_name), email = CASE WHEN $3::text IS NULL THEN email ELSE nullif($3, '') END,
    phone = CASE WHEN $4::text IS NULL THEN phone ELSE nullif($4, '') END
WHERE account_key = $1
