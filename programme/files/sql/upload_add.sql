-- $1 id, $2 name, $3 declared type, $4 bytes, $5 hours it may rest
INSERT INTO files.upload (upload, name, declared_type, bytes_total, expires_at) VALUES ($1, $2, $3, $4, now() + make_interval(hours => $5))
