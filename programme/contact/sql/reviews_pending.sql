-- Ratings that wait for moderation, oldest first
SELECT r.customer_review_key, (SELECT p.name FROM ocop.product p WHERE p.product_key = r.product_key) AS product, r.customer_rating, r.customer_comment,
       to_char(r.created_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS at, r.version
FROM ocop.customer_review r WHERE r.moderation_state = 'pending' AND r.retired_at IS NULL
ORDER BY r.customer_review_key LIMIT 50
