UPDATE notify.inbox SET read_at = coalesce(read_at, now()) WHERE inbox_key = $1::bigint
