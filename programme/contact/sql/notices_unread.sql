SELECT count(*) FROM notify.inbox WHERE read_at IS NULL
