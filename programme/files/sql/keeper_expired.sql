-- $1 a moment: uploads that were to be complete before it
DELETE FROM files.upload WHERE expires_at < $1::timestamptz RETURNING upload, to_char(expires_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS since
