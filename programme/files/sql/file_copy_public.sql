-- $1 SHA-256, $2 kind: what everybody may see. A document that a public field names has no copy and is shown itself.
SELECT stored_sha256, bytes, media_type FROM pub.file_copy WHERE sha256 = $1 AND kind = $2
UNION ALL
SELECT sha256, bytes, media_type FROM pub.file WHERE sha256 = $1 AND $2 = 'public' AND media_type = 'application/pdf'
