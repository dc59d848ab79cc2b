SELECT files.used_by(auth.account())
