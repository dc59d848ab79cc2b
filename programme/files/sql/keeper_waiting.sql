SELECT sha256 FROM files.file WHERE scan = 'waiting' ORDER BY created_at LIMIT 1000
