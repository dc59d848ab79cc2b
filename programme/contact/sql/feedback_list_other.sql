-- Feedback of the acting role's reach, for who is not shown its sender. $1 state or NULL, $2 key or NULL: this one only, $3 before this key or NULL, $4 limit, $5 of this product or NULL
SELECT f.feedback_key, f.kind, f.product_key, (SELECT p.name FROM ocop.product p WHERE p.product_key = f.product_key) AS product,
       (SELECT m.name FROM ocop.producer m WHERE m.producer_key = f.producer_key) AS producer, f.body, f.place, f.state, f.answer,
       to_char(f.created_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS created_at, to_char(f.updated_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS updated_at, f.version,
       NULL AS sender_name, NULL AS sender_contact, NULL::boolean AS is_erased
FROM contact.feedback f
WHERE ($1::text IS NULL OR f.state = $1) AND ($2::bigint IS NULL OR f.feedback_key = $2::bigint) AND ($3::bigint IS NULL OR f.feedback_key < $3::bigint)
    AND ($5::bigint IS NULL OR f.product_key = $5::bigint)
ORDER BY f.feedback_key DESC
LIMIT $4::integer
