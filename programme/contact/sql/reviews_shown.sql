-- What customers say of a product ($1), newest first
SELECT customer_rating, customer_comment, to_char(created_at, 'YYYY-MM-DD') AS on_day FROM pub.customer_review WHERE product_key = $1::bigint
ORDER BY customer_review_key DESC LIMIT 20
