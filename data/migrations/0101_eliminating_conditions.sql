-- Eliminating conditions (điều kiện loại, QĐ 26/2026, Phụ lục II) are asked of the council: each member names those that apply on their own
-- sheet, with a reason, and signs them with it. proposal: one applies when more than half of a round's signed sheets name it; what it does
-- then is programme/grading's. Which there are for a set says the rubric; its `condition` lines are rules of scoring and are not asked.
-- A new table; open_sheets, canonical_sheet and session_paper are restated. Locks nothing.

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

-- A paper of a whole session: minutes, ranking, decision, product-list. All its dossiers go by one rubric.
CREATE OR REPLACE FUNCTION workflow.session_paper(session bigint, kind text, OUT fields jsonb, OUT version_key bigint, OUT version_count integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    me      auth.role_grant := auth.acting();
    s       ocop.council_session;
    council ocop.council;
    head    jsonb;
    member_of boolean;
BEGIN
    SELECT * INTO s FROM ocop.council_session o WHERE o.council_session_key = session AND o.retired_at IS NULL;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT * INTO council FROM ocop.council o WHERE o.council_key = s.council_key;
    member_of := EXISTS (SELECT FROM ocop.council_member m JOIN workflow.seat t USING (council_member_key) WHERE m.council_key = s.council_key AND t.account_key = me.account_key);
    IF me.role IS NULL OR NOT (me.role IN ('R08', 'R13') OR (me.role IN ('R10', 'R11', 'R12') AND member_of)) THEN RETURN; END IF;
    head := jsonb_build_object('superior_authority', upper('Ủy ban nhân dân ' || workflow.province_name()), 'place', workflow.province_name(), 'created_at', workflow.iso_time(now()),
                               'date', workflow.business_day(s.session_date));
    -- those of which the acting person may see the result: all sheets of the round are signed
    SELECT count(DISTINCT r.version_key), min(r.version_key) INTO version_count, version_key
    FROM workflow.dossier w JOIN workflow.result r USING (dossier_key, score_round) WHERE w.council_session_key = session;
    IF version_count <> 1 THEN RETURN; END IF;
    IF kind IN ('minutes', 'ranking') THEN
        fields := jsonb_build_object(
            'paper', head || jsonb_build_object('authority', 'HỘI ĐỒNG ĐÁNH GIÁ, PHÂN HẠNG SẢN PHẨM OCOP', 'number',
                (SELECT min(g.minutes_no) FROM ocop.grading_result g WHERE g.council_session_key = session AND g.retired_at IS NULL),
                'is_draft', EXISTS (SELECT FROM workflow.dossier w JOIN ocop.dossier d USING (dossier_key) WHERE w.council_session_key = session AND d.dossier_state IN ('council_scoring', 'council_rescoring'))),
            'council_name', 'Hội đồng đánh giá, phân hạng sản phẩm OCOP cấp tỉnh', 'council_decision_no', council.council_decision_no, 'council_decision_date', council.council_decision_date,
            'evaluation_batch', (SELECT min(r.code) FROM workflow.dossier w JOIN workflow.round r USING (round_key) WHERE w.council_session_key = session),
            'session_place', workflow.province_name(), 'session_mode', CASE s.session_mode WHEN 'written' THEN 'Lấy ý kiến văn bản' ELSE 'Họp' END, 'started_at', workflow.iso_time(s.session_date),
            'members', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', m.council_member_name, 'agency', m.council_member_agency, 'role', m.council_member_role,
                               'is_present', EXISTS (SELECT FROM ocop.score_sheet h WHERE h.council_session_key = session AND h.council_member_key = m.council_member_key AND h.score_signed_at IS NOT NULL)
                                             OR m.council_member_role IN ('secretary', 'advisory')) ORDER BY m.council_member_key), '[]')
                        FROM ocop.council_member m WHERE m.council_key = council.council_key AND m.retired_at IS NULL),
            'conflicts', (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('member', m.council_member_name, 'product_name', p.name,
                              'reason', coalesce((SELECT c.reason FROM workflow.conflict c JOIN ocop.score_sheet o USING (score_sheet_key)
                                                  WHERE o.dossier_key = h.dossier_key AND o.council_member_key = h.council_member_key ORDER BY c.declared_at LIMIT 1),
                                                 'đã xử lý hồ sơ hoặc là người của chủ thể'))), '[]')
                          FROM ocop.score_sheet h JOIN ocop.council_member m USING (council_member_key) JOIN ocop.dossier d USING (dossier_key) JOIN ocop.product p USING (product_key)
                          WHERE h.council_session_key = session AND h.conflict_of_interest AND h.retired_at IS NULL),
            'spread_limit', trim_scale(council.spread_limit)::text, 'quorum', workflow.share_of(council.quorum_pct),
            'products', (SELECT coalesce(jsonb_agg(jsonb_build_object('product', workflow.paper_product(w.dossier_key), 'rounds', (
                    SELECT jsonb_agg(jsonb_build_object('score_round', r.score_round,
                        'reason', coalesce((SELECT t.reason FROM (SELECT t.reason, row_number() OVER (ORDER BY t.step_key) + 1 AS round FROM workflow.step t
                                   WHERE t.dossier_key = w.dossier_key AND t.action = 'rescore') t WHERE t.round = r.score_round), ''),
                        'evaluation', jsonb_build_object('members', (SELECT jsonb_agg(jsonb_build_object('name', m.council_member_name || ' #' || m.council_member_key, 'options', n.sheet->'options') ORDER BY h.place)
                                FROM unnest(r.hashes) WITH ORDINALITY h (hash, place) JOIN workflow.signature n ON n.hash = h.hash JOIN ocop.score_sheet x USING (score_sheet_key)
                                JOIN ocop.council_member m USING (council_member_key)),
                            'settings', jsonb_strip_nulls(jsonb_build_object('spread_limit', r.settings->>'spread_limit', 'council_members', r.settings->'council_members', 'chair', r.settings->>'chair',
                                'quorum', workflow.share_of((r.settings->>'quorum_pct')::numeric))),
                            'disqualified', workflow.disqualified_by(r.hashes))) ORDER BY r.score_round)
                    FROM (SELECT DISTINCT ON (r.score_round) r.* FROM workflow.result r WHERE r.dossier_key = w.dossier_key ORDER BY r.score_round, r.result_key DESC) r
                    ), 'discussion', workflow.conditions_in_words((workflow.result_of(w.dossier_key)).hashes)) ORDER BY w.dossier_key), '[]')
                FROM workflow.dossier w WHERE w.council_session_key = session AND EXISTS (SELECT FROM workflow.result r WHERE r.dossier_key = w.dossier_key AND r.score_round = w.score_round)),
            'secretary', jsonb_build_object('position', 'THƯ KÝ', 'name', (SELECT min(m.council_member_name) FROM ocop.council_member m WHERE m.council_key = council.council_key AND m.council_member_role = 'secretary' AND m.retired_at IS NULL)),
            'chair', jsonb_build_object('position', 'CHỦ TỊCH HỘI ĐỒNG', 'name', (SELECT min(m.council_member_name) FROM ocop.council_member m WHERE m.council_key = council.council_key AND m.council_member_role = 'chair' AND m.retired_at IS NULL),
                'signed_at', (SELECT workflow.iso_time(max(t.at)) FROM workflow.step t JOIN workflow.dossier w USING (dossier_key) WHERE w.council_session_key = session AND t.action = 'sign_minutes')));
    ELSIF kind IN ('decision', 'product-list') THEN
        fields := (SELECT jsonb_build_object('paper', head || jsonb_build_object('superior_authority', '', 'authority', upper('Ủy ban nhân dân ' || workflow.province_name()), -- one paper is one decision: where the session's products were decided by several, number and day are left to be written
                    'number', CASE WHEN count(DISTINCT g.decision_no) = 1 THEN min(g.decision_no) END,
                    'date', CASE WHEN count(DISTINCT g.decision_no) < 2 THEN coalesce(min(g.decision_date), workflow.business_day(now())) END, 'is_draft', bool_or(g.decision_no IS NULL)),
                'decided_by', upper('Chủ tịch Ủy ban nhân dân ' || workflow.province_name()), 'evaluation_batch', min(d.evaluation_batch), 'minutes_no', min(g.minutes_no),
                'minutes_date', (SELECT min(t.document_date) FROM workflow.step t JOIN workflow.dossier x USING (dossier_key) WHERE x.council_session_key = session AND t.action = 'sign_minutes'),
                'products', jsonb_agg(jsonb_strip_nulls(jsonb_build_object('product', workflow.paper_product(d.dossier_key), 'mean_total', trim_scale(g.mean_total)::text, 'star', g.awarded_star,
                    'certificate_serial', c.certificate_serial, 'valid_to', c.valid_to - 1)) ORDER BY g.mean_total DESC, d.dossier_key))
            FROM workflow.dossier w JOIN ocop.dossier d USING (dossier_key) JOIN ocop.grading_result g ON g.dossier_key = d.dossier_key AND g.retired_at IS NULL
            LEFT JOIN ocop.certificate c ON c.certificate_key = g.certificate_key
            WHERE w.council_session_key = session AND g.minutes_no IS NOT NULL AND g.awarded_star IN (3, 4) HAVING count(*) > 0);
    END IF;
END
$$;
