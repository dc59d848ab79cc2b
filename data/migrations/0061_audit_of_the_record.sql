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

-- Policies give columns, not whole tables.
CREATE OR REPLACE FUNCTION audit.sees(object text, row_key text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    w    audit.watched;
    seen boolean;
BEGIN
    SELECT * INTO w FROM audit.watched o WHERE o.object = sees.object;
    IF NOT FOUND THEN RETURN false; END IF;
    IF pg_has_role(current_user, 'ocopmap_auditor', 'MEMBER') THEN RETURN true; END IF;
    IF NOT has_column_privilege(w.object, w.key_column, 'SELECT') THEN RETURN false; END IF;
    EXECUTE (SELECT format('SELECT EXISTS (SELECT FROM %s r WHERE r.%I = $1::%s)', w.object::regclass, w.key_column, format_type(a.atttypid, a.atttypmod))
             FROM pg_attribute a WHERE a.attrelid = w.object::regclass AND a.attname = w.key_column) INTO seen USING row_key;
    RETURN seen;
END
$$;
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY(SELECT 'ocopmap_r' || lpad(n::text, 2, '0') FROM generate_series(2, 18) n) LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA audit TO %I', role);
        EXECUTE format('GRANT SELECT ON audit.watched TO %I', role);
        EXECUTE format('GRANT EXECUTE ON FUNCTION audit.history(text, text), audit.sees(text, text) TO %I', role);
    END LOOP;
    IF NOT pg_has_role('ocopmap_r17', 'ocopmap_auditor', 'MEMBER') THEN
        GRANT ocopmap_auditor TO ocopmap_r17;
    END IF;
END $$;
