-- $1 hash of the code
SELECT kind, state, answer, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS created_at, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS updated_at,
       product_id, product
FROM contact.follow_feedback($1)
