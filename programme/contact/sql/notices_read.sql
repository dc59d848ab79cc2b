UPDATE notify.inbox SET read_at = now() WHERE read_at IS NULL
