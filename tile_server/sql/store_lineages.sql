-- store_lineages(): the unit of a lineage, and the one above it, from when until when, for the layer store.
SELECT l.lineage_key, l.unit_key, u.parent_key, CASE WHEN isfinite(l.valid_from) THEN l.valid_from - DATE '1970-01-01' END AS since,
       CASE WHEN isfinite(l.valid_to) THEN l.valid_to - DATE '1970-01-01' END AS until
FROM pub.lineage_unit l JOIN pub.unit u ON u.unit_key = l.unit_key
