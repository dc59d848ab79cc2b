-- $1 SHA-256: from here on no row begins to name it
SELECT FROM files.file WHERE sha256 = $1 FOR UPDATE
