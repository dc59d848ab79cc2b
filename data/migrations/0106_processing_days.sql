-- Two limits of the law beside those of single steps (QĐ 26/2026): a re-evaluation takes 45 days at most from the full dossier, and a certificate is
-- withdrawn within 15 days of the finding that is a ground for it. The first is stored when the dossier is received, and anew when a supplement
-- makes it full; the second follows from the inspection. Locks workflow.regime and workflow.dossier for some milliseconds: new columns.
ALTER TABLE workflow.regime ADD COLUMN renewal_processing_days integer, ADD COLUMN withdrawal_days integer;
ALTER TABLE workflow.dossier ADD COLUMN full_on date, ADD COLUMN processed_by date;
CREATE FUNCTION workflow.begin_processing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    UPDATE workflow.dossier w SET full_on = workflow.business_day(NEW.at), processed_by = workflow.business_day(NEW.at) + r.renewal_processing_days
    FROM ocop.dossier d JOIN workflow.regime r ON r.regime = d.legal_regime_code
    WHERE w.dossier_key = NEW.dossier_key AND d.dossier_key = NEW.dossier_key AND d.registration_kind = 'again' AND r.renewal_processing_days IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER workflow_begin_processing AFTER INSERT ON workflow.step FOR EACH ROW WHEN (NEW.action IN ('accept', 'answer_supplement')) EXECUTE FUNCTION workflow.begin_processing();

-- Every limit of the dossiers that the acting person reaches, or of one: of the present step, of a re-evaluation, of a withdrawal. done_on NULL: not yet.
CREATE FUNCTION workflow.deadlines(of_dossier bigint DEFAULT NULL) RETURNS TABLE (dossier_key bigint, kind text, since date, due_on date, done_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT d.dossier_key, l.kind, l.since, l.due_on, l.done_on
    FROM (SELECT w.dossier_key, 'step' AS kind, workflow.business_day(w.state_since) AS since, w.due_on, NULL::date AS done_on
          FROM workflow.dossier w JOIN ocop.dossier o USING (dossier_key) WHERE w.due_on IS NOT NULL AND o.dossier_state NOT IN ('certified', 'expiring', 'extended', 'expired', 'revoked')
          UNION ALL
          SELECT w.dossier_key, 'renewal', w.full_on, w.processed_by, (SELECT min(workflow.business_day(s.at)) FROM workflow.step s
                                                                       WHERE s.dossier_key = w.dossier_key AND s.to_state IN ('decided', 'not_recognised', 'returned', 'withdrawn'))
          FROM workflow.dossier w WHERE w.processed_by IS NOT NULL
          UNION ALL
          SELECT g.dossier_key, 'withdrawal', min(i.inspection_date), min(i.inspection_date) + r.withdrawal_days, c.revoked_on
          FROM ocop.grading_result g JOIN ocop.certificate c USING (certificate_key) JOIN workflow.regime r ON r.valid_to IS NULL
          JOIN ocop.post_inspection i ON i.product_key = c.product_key AND i.retired_at IS NULL AND i.inspection_date >= c.issued_on AND i.inspection_date < c.valid_to
          JOIN ocop.inspection_finding f ON f.post_inspection_key = i.post_inspection_key AND f.retired_at IS NULL AND f.finding_ground IS NOT NULL
          WHERE g.retired_at IS NULL AND c.retired_at IS NULL AND (f.finding_state = 'open' OR c.revoked_on IS NOT NULL)
            AND (auth.acting()).role IN ('R02', 'R04', 'R05', 'R08', 'R13', 'R14')  -- who reads findings
          GROUP BY g.dossier_key, r.withdrawal_days, c.revoked_on) l
    JOIN ocop.dossier d USING (dossier_key)
    WHERE (of_dossier IS NULL OR d.dossier_key = of_dossier) AND workflow.reaches(d)
$$;
