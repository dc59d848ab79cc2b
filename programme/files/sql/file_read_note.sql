-- $1 SHA-256
SELECT audit.note('read', 'files.file', NULL, $1)
