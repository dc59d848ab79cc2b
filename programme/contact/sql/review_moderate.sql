UPDATE ocop.customer_review SET moderation_state = $3 WHERE customer_review_key = $1::bigint AND version = $2::integer
