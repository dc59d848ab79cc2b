-- $1 SHA-256, $2 kind
SELECT stored_sha256, bytes, media_type FROM files.copy WHERE sha256 = $1 AND kind = $2
