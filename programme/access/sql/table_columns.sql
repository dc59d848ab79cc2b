-- table_columns($1 schema.table): its columns, and whether people may fill them in
SELECT attname, attgenerated = '' AND attidentity = '' AS is_plain
FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
