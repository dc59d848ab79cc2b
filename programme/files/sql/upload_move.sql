-- $1 id, $2 bytes there, $3 hours it may rest
UPDATE files.upload SET bytes_there = $2, expires_at = now() + make_interval(hours => $3) WHERE upload = $1
