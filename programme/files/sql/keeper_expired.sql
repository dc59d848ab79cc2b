DELETE FROM files.upload WHERE expires_at <= now() RETURNING upload
