-- $1 session
UPDATE auth.session SET last_seen_at = now() WHERE session_key = $1
