-- What pg_dump leaves out: roles with their memberships and settings (without passwords), and marks on functions of extensions.
-- Statements that can run again.
SELECT 1 AS part, format('DO $role$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = %L) THEN CREATE ROLE %I; END IF; END $role$', rolname, rolname) AS statement
FROM pg_roles WHERE rolname ~ '^ocopmap(_|$)'
UNION ALL
SELECT 2, format('ALTER ROLE %I %s %s', rolname, CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END)
FROM pg_roles WHERE rolname ~ '^ocopmap_'
UNION ALL
SELECT 3, format('GRANT %I TO %I', m.roleid::regrole::text, m.member::regrole::text)
FROM pg_auth_members m WHERE m.roleid::regrole::text ~ '^ocopmap_' AND m.member::regrole::text ~ '^ocopmap_'
UNION ALL
SELECT 4, format('ALTER ROLE %I SET %I = %L', s.setrole::regrole::text, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1))
FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setdatabase = 0 AND s.setrole::regrole::text ~ '^ocopmap_'
UNION ALL
SELECT 5, format('ALTER FUNCTION %s LEAKPROOF', p.oid::regprocedure)
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' WHERE p.proleakproof
ORDER BY 1, 2
