-- $1 id: one piece at a time
SELECT upload, name, declared_type, bytes_total, bytes_there, stored_sha256, extract(epoch FROM expires_at)::bigint AS expires
FROM files.upload WHERE upload = $1 AND expires_at > now() FOR UPDATE NOWAIT
