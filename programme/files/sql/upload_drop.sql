DELETE FROM files.upload WHERE upload = $1
