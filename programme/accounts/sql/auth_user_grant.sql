-- $1 account, $2 role, $3 unit, $4 producer, $5 first day, $6 day it ends, $7 document
INSERT INTO auth.role_grant (account_key, role, unit_key, producer_key, valid_from, valid_to, document)
VALUES ($1, $2, $3, $4, coalesce($5::date, pub.business_date()), $6, $7)
RETURNING grant_key
