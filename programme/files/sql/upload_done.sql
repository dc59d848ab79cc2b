-- $1 id, $2 SHA-256
UPDATE files.upload SET stored_sha256 = $2 WHERE upload = $1
