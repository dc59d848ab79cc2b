-- table_shape($1 schema.table): the defaults of its columns, and the columns of the key that makes an external id one of a kind
SELECT a.attname, coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS default_value,
       EXISTS (SELECT FROM pg_index i JOIN pg_attribute x ON x.attrelid = i.indrelid AND x.attname = 'external_id' AND x.attnum = ANY (i.indkey)
               WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indpred IS NULL AND a.attnum = ANY (i.indkey)) AS is_arbiter
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
