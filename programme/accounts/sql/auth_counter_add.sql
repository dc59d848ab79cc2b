-- $1 counter, $2 now in seconds, $3 seconds after which a failure is forgotten
INSERT INTO auth.sign_in_counter AS c (counter_key, failures, last_at) VALUES (decode($1, 'hex'), 1, to_timestamp($2))
ON CONFLICT (counter_key) DO UPDATE
SET failures = CASE WHEN c.last_at < to_timestamp($2::bigint - $3) THEN 1 ELSE c.failures + 1 END, last_at = to_timestamp($2)
