-- person_columns($1 table): its columns, whether they must stand, and their type.
SELECT a.attname AS name, a.attnotnull AS is_required, format_type(a.atttypid, NULL) AS type
FROM pg_attribute a WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
