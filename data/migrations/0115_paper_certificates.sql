-- What was decided on paper is entered as a dossier, its result and its certificate, in any order. The result and the certificate find each
-- other by the decision that both name: without that the clock never ends such a dossier, and its page shows no certificate. Locks
-- ocop.grading_result and ocop.certificate for the moment it takes to create the triggers.
CREATE FUNCTION workflow.join_paper() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    UPDATE ocop.grading_result g SET certificate_key = c.certificate_key
    FROM ocop.dossier d, ocop.certificate c
    WHERE d.dossier_key = g.dossier_key AND c.product_key = d.product_key AND c.decision_no = g.decision_no AND c.star = g.awarded_star
      AND CASE TG_TABLE_NAME WHEN 'certificate' THEN c.certificate_key = (to_jsonb(NEW)->>'certificate_key')::bigint
                             ELSE g.grading_result_key = (to_jsonb(NEW)->>'grading_result_key')::bigint END
      AND g.certificate_key IS NULL AND g.retired_at IS NULL AND c.retired_at IS NULL
      AND d.dossier_state IN ('certified', 'expiring', 'extended', 'expired', 'revoked')
      AND NOT EXISTS (SELECT FROM workflow.step s WHERE s.dossier_key = d.dossier_key)       -- what was decided here is joined by its step
      AND NOT EXISTS (SELECT FROM ocop.grading_result o WHERE o.certificate_key = c.certificate_key);
    RETURN NULL;
END
$$;
CREATE TRIGGER workflow_paper AFTER INSERT OR UPDATE OF decision_no, star ON ocop.certificate FOR EACH ROW
    WHEN (current_user = 'ocopmap_r08') EXECUTE FUNCTION workflow.join_paper();
CREATE TRIGGER workflow_paper AFTER INSERT OR UPDATE OF decision_no, awarded_star ON ocop.grading_result FOR EACH ROW
    WHEN (current_user = 'ocopmap_r08') EXECUTE FUNCTION workflow.join_paper();
