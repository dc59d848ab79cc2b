-- Eliminating conditions (điều kiện loại, QĐ 26/2026, Phụ lục II) are asked of the council: each member names those that apply on their own
-- sheet, with a reason, and signs them with it. proposal: one applies when more than half of a round's signed sheets name it; what it does
-- then is programme/grading's. Which there are for a set says the rubric; its `condition` lines are rules of scoring and are not asked.
-- A new table; open_sheets and canonical_sheet are restated, session_paper in 0105. Locks nothing.

CREATE TABLE workflow.sheet_condition (
    score_sheet_key bigint NOT NULL REFERENCES ocop.score_sheet ON DELETE CASCADE,
    condition       text NOT NULL,                            -- id in the rubric
    reason          text NOT NULL CHECK (length(btrim(reason)) >= 5),
    PRIMARY KEY (score_sheet_key, condition)
);
CREATE FUNCTION workflow.conditions_of(of_version bigint, of_set integer) RETURNS TABLE (condition text, vi text, en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT q->>'id', q->>'vi', q->>'en' FROM rubric.version v, jsonb_array_elements(v.content->'disqualifiers') q
    WHERE v.version_key = of_version AND (q->>'set')::integer = of_set AND q->>'kind' IN ('dossier_rejected', 'stop_evaluation')
$$;
-- {"condition": reason or null} of one's own sheet: only what changed is sent.
CREATE FUNCTION workflow.name_conditions(sheet bigint, conditions jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    s ocop.score_sheet := workflow.own_sheet(sheet);
    w workflow.dossier;
    k record;
BEGIN
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = s.dossier_key;
    FOR k IN SELECT * FROM jsonb_each_text(conditions) LOOP
        IF NOT EXISTS (SELECT FROM workflow.conditions_of(w.version_key, w.set_no) c WHERE c.condition = k.key) THEN
            RAISE EXCEPTION 'conditions có "%", phải là một trong: % (conditions has "%", must be one of those of set %)', k.key,
                (SELECT coalesce(string_agg(c.condition, ', '), '-') FROM workflow.conditions_of(w.version_key, w.set_no) c), k.key, w.set_no USING ERRCODE = 'invalid_parameter_value';
        ELSIF length(btrim(k.value)) < 5 THEN
            RAISE EXCEPTION 'conditions.% có lý do "%", cần từ 5 ký tự (the reason must be of 5 characters or more)', k.key, btrim(k.value) USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END LOOP;
    DELETE FROM workflow.sheet_condition c USING jsonb_each_text(conditions) g WHERE c.score_sheet_key = sheet AND c.condition = g.key AND g.value IS NULL;
    INSERT INTO workflow.sheet_condition (score_sheet_key, condition, reason) SELECT sheet, g.key, btrim(g.value) FROM jsonb_each_text(conditions) g WHERE g.value IS NOT NULL
    ON CONFLICT (score_sheet_key, condition) DO UPDATE SET reason = excluded.reason;
END
$$;
-- Those of a dossier's sheets that the acting person may read.
CREATE FUNCTION workflow.named_conditions(dossier bigint) RETURNS TABLE (score_sheet_key bigint, conditions jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT c.score_sheet_key, jsonb_agg(jsonb_build_object('id', c.condition, 'vi', q.vi, 'en', q.en, 'reason', c.reason) ORDER BY c.condition)
    FROM workflow.sheets(dossier) h JOIN workflow.sheet_condition c USING (score_sheet_key) JOIN workflow.dossier w ON w.dossier_key = dossier
    JOIN workflow.conditions_of(w.version_key, w.set_no) q USING (condition) WHERE h.is_open GROUP BY 1
$$;
-- One's own, by id.
CREATE FUNCTION workflow.own_conditions(sheet bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT coalesce(jsonb_object_agg(c.condition, c.reason), '{}') FROM workflow.my_sheets() m JOIN workflow.sheet_condition c USING (score_sheet_key) WHERE m.score_sheet_key = sheet
$$;
-- Named on more than half of the sheets that were signed with these hashes.
CREATE FUNCTION workflow.disqualified_by(hashes text[]) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT coalesce(jsonb_agg(n.condition ORDER BY n.condition), '[]')
    FROM (SELECT k.condition FROM workflow.signature g, jsonb_object_keys(g.sheet->'conditions') k (condition) WHERE g.hash = ANY (hashes)
          GROUP BY k.condition HAVING count(*) * 2 > cardinality(hashes)) n
$$;
-- For the minutes: each that was named, on how many sheets, and why. NULL: none was.
CREATE FUNCTION workflow.conditions_in_words(hashes text[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT 'Điều kiện loại được nêu: ' || string_agg(format('%s, %s/%s phiếu (%s)', n.vi, n.sheets, cardinality(hashes), n.reasons), '; ' ORDER BY n.condition)
    FROM (SELECT k.key AS condition, q.vi, count(*) AS sheets, string_agg(k.value, '; ' ORDER BY g.score_sheet_key) AS reasons
          FROM workflow.signature g JOIN ocop.score_sheet s USING (score_sheet_key) JOIN workflow.dossier w USING (dossier_key), jsonb_each_text(g.sheet->'conditions') k,
               workflow.conditions_of(w.version_key, w.set_no) q
          WHERE g.hash = ANY (hashes) AND q.condition = k.key GROUP BY 1, 2) n HAVING count(*) > 0
$$;
REVOKE ALL ON FUNCTION workflow.conditions_in_words(text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION workflow.open_sheets(d ocop.dossier, w workflow.dossier) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    INSERT INTO ocop.score_sheet (dossier_key, council_session_key, council_member_key, conflict_of_interest, score_rubric_version, score_round)
    SELECT d.dossier_key, w.council_session_key, m.council_member_key,
           EXISTS (SELECT FROM workflow.step s WHERE s.dossier_key = d.dossier_key AND s.account_key = t.account_key AND s.role IN ('R04', 'R05', 'R08', 'R09'))
           OR EXISTS (SELECT FROM auth.role_grant g WHERE g.account_key = t.account_key AND g.producer_key = d.producer_key AND (g.valid_to IS NULL OR g.valid_to > pub.business_date()))
           OR EXISTS (SELECT FROM ocop.score_sheet b WHERE b.dossier_key = d.dossier_key AND b.council_member_key = m.council_member_key AND b.conflict_of_interest),
           (SELECT v.rubric FROM rubric.version v WHERE v.version_key = w.version_key), w.score_round
    FROM ocop.council_session s JOIN ocop.council_member m USING (council_key) JOIN workflow.seat t USING (council_member_key)
    WHERE s.council_session_key = w.council_session_key AND m.retired_at IS NULL AND m.council_member_role IN ('chair', 'vice_chair', 'member')
    ON CONFLICT DO NOTHING;
    -- scoring again begins from what one had
    INSERT INTO ocop.score (score_sheet_key, score_criterion_code, score_option_no, score_points, score_comment)
    SELECT n.score_sheet_key, c.score_criterion_code, c.score_option_no, c.score_points, c.score_comment
    FROM ocop.score_sheet n JOIN ocop.score_sheet b ON b.dossier_key = n.dossier_key AND b.council_member_key = n.council_member_key AND b.score_round = n.score_round - 1
    JOIN ocop.score c ON c.score_sheet_key = b.score_sheet_key AND c.retired_at IS NULL
    WHERE n.dossier_key = d.dossier_key AND n.score_round = w.score_round AND NOT n.conflict_of_interest;
    INSERT INTO workflow.sheet_condition (score_sheet_key, condition, reason)
    SELECT n.score_sheet_key, c.condition, c.reason
    FROM ocop.score_sheet n JOIN ocop.score_sheet b ON b.dossier_key = n.dossier_key AND b.council_member_key = n.council_member_key AND b.score_round = n.score_round - 1
    JOIN workflow.sheet_condition c ON c.score_sheet_key = b.score_sheet_key
    WHERE n.dossier_key = d.dossier_key AND n.score_round = w.score_round AND NOT n.conflict_of_interest
$$;

-- What a signature is over: jsonb writes itself in one way only. A sheet that names no condition is written as before.
CREATE OR REPLACE FUNCTION workflow.canonical_sheet(sheet bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT jsonb_build_object('sheet', s.score_sheet_key, 'dossier', s.dossier_key, 'round', s.score_round, 'member', s.council_member_key, 'rubric', v.rubric, 'rubric_digest', v.digest,
                              'set', w.set_no, 'options', (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_option_no), '{}') FROM ocop.score c WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL),
                              'comments', (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_comment), '{}') FROM ocop.score c
                                           WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL AND c.score_comment IS NOT NULL))
           || coalesce((SELECT jsonb_build_object('conditions', jsonb_object_agg(c.condition, c.reason)) FROM workflow.sheet_condition c WHERE c.score_sheet_key = sheet HAVING count(*) > 0), '{}')
    FROM ocop.score_sheet s JOIN workflow.dossier w USING (dossier_key) JOIN rubric.version v USING (version_key) WHERE s.score_sheet_key = sheet
$$;
