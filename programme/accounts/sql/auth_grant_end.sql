-- $1 grant, $2 the day from which it is none: earlier than its end of now
UPDATE auth.role_grant SET valid_to = greatest(valid_from, $2::date) WHERE grant_key = $1 AND (valid_to IS NULL OR valid_to > greatest(valid_from, $2::date))
