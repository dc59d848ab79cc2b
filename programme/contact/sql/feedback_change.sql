-- $1 key, $2 version that was read, $3 state, $4 answer or NULL: as it is
UPDATE contact.feedback SET state = $3, answer = coalesce($4, answer) WHERE feedback_key = $1::bigint AND version = $2::integer
