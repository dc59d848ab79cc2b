-- old_policies(): what an earlier list made
SELECT format('DROP POLICY %I ON %I.%I', policyname, schemaname, tablename) FROM pg_policies WHERE policyname LIKE 'access\_%'
