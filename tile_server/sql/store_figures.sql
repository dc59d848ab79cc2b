-- store_figures(): which certificates count for a lineage, and from when until when, for the layer store.
SELECT lineage_key, producer_key, since - DATE '1970-01-01' AS since, CASE WHEN isfinite(until) THEN until - DATE '1970-01-01' END AS until
FROM tile.figure_version ORDER BY lineage_key, producer_key, since
