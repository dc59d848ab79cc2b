-- What was due after each step is kept with the step: the dossier holds the day of its present state only, reports ask about all of them.
-- Of dossiers on their way the present day is taken over, and the commune's fifteen working days from its review. Locks nothing.
CREATE TABLE workflow.step_due (
    step_key bigint PRIMARY KEY REFERENCES workflow.step ON DELETE CASCADE,
    due_on   date NOT NULL
);
CREATE FUNCTION workflow.keep_due() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    INSERT INTO workflow.step_due SELECT max(s.step_key), NEW.due_on FROM workflow.step s WHERE s.dossier_key = NEW.dossier_key HAVING count(*) > 0
    ON CONFLICT (step_key) DO UPDATE SET due_on = excluded.due_on;
    RETURN NULL;
END
$$;
CREATE TRIGGER workflow_keep_due AFTER UPDATE OF state_since ON workflow.dossier FOR EACH ROW WHEN (NEW.due_on IS NOT NULL) EXECUTE FUNCTION workflow.keep_due();
INSERT INTO workflow.step_due
SELECT s.step_key, r.commune_due_date FROM workflow.step s JOIN ocop.commune_review r USING (dossier_key) WHERE s.action = 'accept' AND r.commune_due_date IS NOT NULL AND r.retired_at IS NULL;
INSERT INTO workflow.step_due
SELECT max(s.step_key), w.due_on FROM workflow.step s JOIN workflow.dossier w USING (dossier_key) WHERE w.due_on IS NOT NULL GROUP BY w.dossier_key, w.due_on ON CONFLICT DO NOTHING;
ALTER TABLE workflow.step_due ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON workflow.step_due TO ocopmap_member;
CREATE POLICY with_step ON workflow.step_due FOR SELECT TO ocopmap_member USING (EXISTS (SELECT FROM workflow.step s WHERE s.step_key = step_due.step_key));
