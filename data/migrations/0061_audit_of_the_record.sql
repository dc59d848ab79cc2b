-- The tables of the six groups under the audit, and its history for whoever may see the row. Locks each table for some
-- milliseconds. Left out: trace.event and trace.scan, which are append-only themselves and grow by the million.
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT c.oid::regclass AS object, n.nspname || '.' || c.relname AS name
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('geo', 'ocop', 'trace') AND c.relkind = 'r'
               AND EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = 'record_touch')  -- what became a record
             ORDER BY 2 LOOP
        PERFORM audit.watch(t.name, geo.key_of(t.object), CASE t.name
            WHEN 'ocop.representative_private' THEN ARRAY['legal_rep_ethnicity', 'legal_rep_disability', 'legal_rep_permanent_address', 'legal_rep_identity_no']
            WHEN 'ocop.insured_worker' THEN ARRAY['worker_name', 'worker_residence', 'worker_insurance_no'] ELSE '{}' END);
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA audit TO ocopmap_member;
GRANT SELECT ON audit.watched TO ocopmap_member;
GRANT EXECUTE ON FUNCTION audit.history(text, text), audit.sees(text, text) TO ocopmap_member;
DO $$
BEGIN
    IF NOT pg_has_role('ocopmap_r17', 'ocopmap_auditor', 'MEMBER') THEN
        GRANT ocopmap_auditor TO ocopmap_r17;
    END IF;
END $$;
