-- $1 key
UPDATE auth.api_key SET last_used_on = pub.business_date() WHERE key_key = $1
