-- Indexes that cost most while many rows come in, and that nothing needs until they are there: how each is dropped and made again.
SELECT format('DROP INDEX %s', i.indexrelid::regclass) AS drop_it, pg_get_indexdef(i.indexrelid) AS make_it
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
WHERE NOT i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
  AND (i.indrelid = 'ocop.product_period'::regclass
       OR a.amname IN ('gin', 'gist') AND i.indrelid = ANY ('{ocop.producer,ocop.product,ocop.sales_point,geo.zone}'::regclass[]))
ORDER BY i.indexrelid
