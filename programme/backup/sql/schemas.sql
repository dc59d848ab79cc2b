SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' ORDER BY nspname = 'public', nspname
