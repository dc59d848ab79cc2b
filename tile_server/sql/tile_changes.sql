-- tile_changes($1 where the last reading ended): everything committed since, and where the next reading has to begin: the
-- oldest transaction still running. Rows above it are seen again then; applying one twice does no harm (T2).
SELECT h.horizon, c.change_id, c.xid::text AS xid, c.layer, c.source, c.cover::text AS cover,
       extract(epoch FROM clock_timestamp() - c.changed_at) AS age_s
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon) h
LEFT JOIN tile.change c ON c.xid >= $1::text::xid8
ORDER BY c.change_id
