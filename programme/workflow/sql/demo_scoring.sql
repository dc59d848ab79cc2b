-- demo_scoring(): the sample's dossiers that a council is scoring get a card, own scores and sheets; a later run finds nothing to do
WITH of_demo AS (
    SELECT d.dossier_key, (c).version_key, (c).set_no, row_number() OVER (ORDER BY d.dossier_key) AS n
    FROM ocop.dossier d CROSS JOIN LATERAL workflow.card_of(d.dossier_key) c
    WHERE d.external_id LIKE 'demo-dossier-%' AND d.dossier_state = 'council_scoring'),
carded AS (
    UPDATE workflow.dossier w SET version_key = o.version_key, set_no = o.set_no, round_key = (SELECT round_key FROM workflow.round ORDER BY proposals_until DESC LIMIT 1),
           council_session_key = (SELECT council_session_key FROM ocop.council_session WHERE external_id = 'demo-session-2'), due_on = pub.business_date() + 20
    FROM of_demo o WHERE w.dossier_key = o.dossier_key AND w.council_session_key IS NULL AND o.set_no IS NOT NULL AND o.n <= 12 RETURNING w.*),
answered AS (
    INSERT INTO workflow.self_answer (dossier_key, criterion, option_no)
    SELECT c.dossier_key, o.criterion, max(o.option_no) - (c.dossier_key + count(*)) % 2
    FROM carded c JOIN rubric.option o USING (version_key, set_no) WHERE o.case_no < 2 GROUP BY c.dossier_key, o.criterion ON CONFLICT DO NOTHING)
SELECT count(*) FROM carded c JOIN ocop.dossier d USING (dossier_key), workflow.open_sheets(d, ROW(c.*)::workflow.dossier)
