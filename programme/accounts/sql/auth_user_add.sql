-- $1 login, $2 name, $3 e-mail, $4 phone, $5 is a demo account
INSERT INTO auth.account (login, display_name, email, phone, is_demo) VALUES ($1, $2, $3, $4, $5)
RETURNING account_key
