-- table_columns($1 tables and views, with commas): every column with what the dictionary says of it too: its type, whether the
-- database fills it in or asks for it, its comment, and the codes that a CHECK or an enum type allows, with 0x1F between.
SELECT n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attgenerated <> '',
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND c.relkind <> 'v', coalesce(col_description(c.oid, a.attnum), ''),
       coalesce((SELECT string_agg(m[1], E'\x1f' ORDER BY m[1]) FROM pg_constraint k
                 CROSS JOIN regexp_matches(pg_get_constraintdef(k.oid), '''([^'']*)''::text', 'g') m
                 WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]),
                (SELECT string_agg(e.enumlabel, E'\x1f' ORDER BY e.enumlabel) FROM pg_enum e WHERE e.enumtypid = a.atttypid), ''),
       c.relkind = 'v'
FROM string_to_table($1, ',') AS wanted (name) JOIN pg_class c ON c.oid = to_regclass(wanted.name) JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, a.attnum
