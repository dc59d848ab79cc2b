-- $1 SHA-256; nothing when it is not there, or not for whoever asks
SELECT f.sha256, f.bytes, f.media_type, f.width, f.height, to_char(f.taken_at, 'YYYY-MM-DD"T"HH24:MI:SS') AS taken_at, ST_X(f.place) AS lon, ST_Y(f.place) AS lat, f.scan,
       to_char(f.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       o.name, (o.holding_key IS NOT NULL) AS is_mine
FROM files.file f LEFT JOIN files.holding o ON o.sha256 = f.sha256 AND o.account_key = (SELECT auth.account())
WHERE f.sha256 = $1
