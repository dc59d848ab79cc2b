-- $1 login, $2 name, $3 e-mail, $4 phone
INSERT INTO auth.account (login, display_name, email, phone) VALUES ($1, $2, $3, $4)
RETURNING account_key
