-- $1 holding to go on after (0: the newest), $2 how many
SELECT o.holding_key, f.sha256, f.bytes, f.media_type, f.width, f.height, to_char(f.taken_at, 'YYYY-MM-DD"T"HH24:MI:SS') AS taken_at, ST_X(f.place) AS lon, ST_Y(f.place) AS lat,
       f.scan, to_char(f.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at, o.name, true AS is_mine
FROM files.holding o JOIN files.file f USING (sha256)
WHERE o.account_key = (SELECT auth.account()) AND ($1::bigint = 0 OR o.holding_key < $1)
ORDER BY o.holding_key DESC LIMIT $2
