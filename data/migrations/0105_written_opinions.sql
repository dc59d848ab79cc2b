-- Opinions in writing that differ call a meeting (QĐ 26/2026, Điều 7 khoản 6 điểm d): when the signed sheets lie further apart than the
-- council's limit, the session becomes a meeting by itself, and any member, the secretary or the chair may ask for one with a reason. A step of the
-- dossier like others (data/workflow.csv, call_meeting): the sheets stay, the meeting scores in a new round. Functions are restated; locks nothing.

CREATE OR REPLACE FUNCTION workflow.take_effect(INOUT d ocop.dossier, of_action text, given jsonb, step bigint, OUT due date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    me     auth.role_grant := auth.acting();
    today  date := pub.business_date();
    regime workflow.regime;
    w      workflow.dossier;
    res    workflow.result;
    cert   bigint;
    result ocop.grading_result;
    unit   record;
    card   record;
BEGIN
    SELECT * INTO regime FROM workflow.regime r WHERE r.regime = d.legal_regime_code;
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = d.dossier_key;
    SELECT * INTO result FROM ocop.grading_result g WHERE g.dossier_key = d.dossier_key AND g.retired_at IS NULL ORDER BY g.grading_result_key DESC LIMIT 1;
    res := workflow.result_of(d.dossier_key);
    CASE of_action
    WHEN 'submit' THEN
        d.submitted_at := now();
        SELECT * INTO card FROM workflow.card_of(d.dossier_key);
        UPDATE workflow.dossier o SET version_key = card.version_key, set_no = card.set_no WHERE o.dossier_key = d.dossier_key;
    WHEN 'withdraw' THEN d.withdrawn_at := now();
    WHEN 'accept' THEN
        SELECT u.code, p.code AS province INTO unit FROM geo.admin_unit u LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key AND p.level = 'province' WHERE u.unit_key = me.unit_key;
        d.received_at := now();
        d.received_by := (SELECT a.display_name FROM auth.account a WHERE a.account_key = me.account_key);
        d.dossier_no := format('%s/PĐK-%s-%s-%s', workflow.next_number(format('dossier/%s/%s', unit.code, extract(year FROM today))), coalesce(unit.province, '00'), unit.code, extract(year FROM today));
        d.receipt_no := format('BN-%s', d.dossier_no);
        IF regime.commune_working_days IS NOT NULL THEN due := workflow.add_working_days(today, regime.commune_working_days); END IF;
        INSERT INTO ocop.commune_review (dossier_key, commune_due_date) VALUES (d.dossier_key, due) ON CONFLICT DO NOTHING;
    WHEN 'ask_supplement' THEN
        due := (given->>'due')::date;
        d.supplement_request_no := format('%s/YCBS-%s', workflow.next_number(format('supplement/%s/%s', coalesce(me.unit_key, 0), extract(year FROM today))), extract(year FROM today));
        d.supplement_due_date := due;
        d.supplement_received_at := NULL;
        INSERT INTO workflow.supplement_item (dossier_key, step_key, about, asked)
        SELECT d.dossier_key, step, i->>'about', btrim(i->>'asked') FROM jsonb_array_elements(given->'items') i;
    WHEN 'answer_supplement' THEN
        d.supplement_received_at := now();
        due := (SELECT r.commune_due_date FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL AND d.dossier_state = 'supplement_commune');
    WHEN 'refuse', 'not_propose', 'return' THEN d.return_reason := given->>'reason';
    WHEN 'return_overdue' THEN d.return_reason := 'Quá hạn bổ sung ' || to_char(d.supplement_due_date, 'DD/MM/YYYY');
    WHEN 'review' THEN
        UPDATE ocop.commune_review r SET commune_report_no = given->>'document_no' WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL;
        due := (SELECT r.commune_due_date FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL);
    WHEN 'propose' THEN
        UPDATE ocop.commune_review r SET commune_proposal_no = given->>'document_no', commune_proposal_date = (given->>'document_date')::date
        WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL;
        INSERT INTO workflow.bundle (step_key, dossier_key, files) VALUES (step, d.dossier_key, workflow.files_of(d.dossier_key));
    WHEN 'assign' THEN
        d.evaluation_batch := given->>'round';
        UPDATE workflow.dossier o SET round_key = r.round_key, council_session_key = (given->>'session')::bigint
        FROM workflow.round r WHERE o.dossier_key = d.dossier_key AND r.code = given->>'round';
        due := (SELECT r.decide_until FROM workflow.round r WHERE r.code = given->>'round');
    WHEN 'report' THEN
        SELECT * INTO card FROM workflow.card_of(d.dossier_key);
        UPDATE workflow.dossier o SET version_key = card.version_key, set_no = card.set_no WHERE o.dossier_key = d.dossier_key RETURNING * INTO w;
        PERFORM workflow.open_sheets(d, w);
        INSERT INTO ocop.grading_result (dossier_key, council_session_key, advisory_report_no, field_visit_date)
        SELECT d.dossier_key, w.council_session_key, given->>'document_no', a.visited_on FROM workflow.appraisal a WHERE a.dossier_key = d.dossier_key;
        due := (SELECT r.decide_until FROM workflow.round r WHERE r.round_key = w.round_key);
    WHEN 'rescore', 'call_meeting' THEN
        IF of_action = 'call_meeting' THEN UPDATE ocop.council_session s SET session_mode = 'meeting' WHERE s.council_session_key = w.council_session_key; END IF;
        UPDATE workflow.dossier o SET score_round = o.score_round + 1 WHERE o.dossier_key = d.dossier_key RETURNING * INTO w;
        PERFORM workflow.open_sheets(d, w);
        due := w.due_on;
    WHEN 'sign_minutes' THEN
        UPDATE ocop.grading_result g SET minutes_no = given->>'document_no', mean_total = (res.result->>'mean_total')::numeric, score_spread = (res.result->>'spread')::numeric,
               awarded_star = (res.result->>'star')::integer,
               unmet_star_minimum = (SELECT nullif(string_agg(DISTINCT format('%s (%s★)', u->>'criterion', u->>'star'), ', '), '') FROM jsonb_array_elements(res.result->'unmet_minima') u)
        WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'receive_district', 'receive', 'transfer' THEN NULL;
    WHEN 'decide_district' THEN
        INSERT INTO ocop.grading_result (dossier_key, mean_total, awarded_star, decision_no, decision_date, decision_authority)
        SELECT d.dossier_key, mean, star, CASE WHEN regime.district_certifies AND star = 3 THEN given->>'document_no' END,
               CASE WHEN regime.district_certifies AND star = 3 THEN (given->>'document_date')::date END, CASE WHEN regime.district_certifies AND star = 3 THEN 'district' END
        FROM (SELECT (given->>'mean')::numeric AS mean,
                     CASE WHEN (given->>'mean')::numeric >= 90 THEN 5 WHEN (given->>'mean')::numeric >= 70 THEN 4 WHEN (given->>'mean')::numeric >= 50 THEN 3
                          WHEN (given->>'mean')::numeric >= 30 THEN 2 ELSE 1 END AS star) x;
    WHEN 'not_recognise' THEN NULL;
    WHEN 'decide' THEN
        UPDATE ocop.grading_result g SET decision_no = given->>'document_no', decision_date = (given->>'document_date')::date, decision_authority = 'province'
        WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'forward_central' THEN
        UPDATE ocop.grading_result g SET central_forward_date = (given->>'document_date')::date WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'record_central' THEN
        UPDATE ocop.grading_result g SET awarded_star = (given->>'star')::integer, decision_no = given->>'document_no', decision_date = (given->>'document_date')::date,
               decision_authority = CASE WHEN (given->>'star')::integer = 5 THEN 'ministry' ELSE 'province' END WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'certify', 'certify_district' THEN
        -- what is in force until now ends where the new one begins
        UPDATE ocop.certificate c SET valid_to = greatest(result.decision_date, c.issued_on + 1) WHERE c.product_key = d.product_key AND c.retired_at IS NULL AND c.in_force @> result.decision_date;
        INSERT INTO ocop.certificate (product_key, star, decision_no, decided_by, issued_on, valid_to, certificate_serial)
        VALUES (d.product_key, result.awarded_star, result.decision_no,
                CASE result.decision_authority WHEN 'ministry' THEN 'Bộ Nông nghiệp và Môi trường' WHEN 'district' THEN 'UBND huyện'
                    ELSE (SELECT 'UBND ' || lower(left(p.name, 1)) || substr(p.name, 2) FROM geo.admin_unit p WHERE p.unit_key = me.unit_key) END,
                result.decision_date, (result.decision_date + make_interval(months => regime.certificate_months))::date,
                format('OCOP-%s-%s-%s', (SELECT p.code FROM geo.admin_unit p WHERE p.unit_key = me.unit_key), extract(year FROM result.decision_date),
                       lpad(workflow.next_number(format('certificate/%s/%s', me.unit_key, extract(year FROM result.decision_date)))::text, 5, '0')))
        RETURNING certificate_key INTO cert;
        UPDATE ocop.grading_result g SET certificate_key = cert WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'begin_expiring', 'expire' THEN NULL;
    WHEN 'extend' THEN
        UPDATE ocop.certificate c SET original_valid_to = coalesce(c.original_valid_to, c.valid_to), valid_to = (given->>'due')::date WHERE c.certificate_key = result.certificate_key;
        due := (given->>'due')::date;
    WHEN 'revoke' THEN
        UPDATE ocop.certificate c SET revoked_on = greatest((given->>'document_date')::date, c.issued_on), revocation_reason_code = given->>'reason_code', revocation_reason = given->>'reason',
               revocation_decision_no = given->>'document_no' WHERE c.certificate_key = result.certificate_key;
    ELSE
        RAISE EXCEPTION 'data/workflow.csv names the action %, which there is not', of_action;
    END CASE;
END
$$;
CREATE OR REPLACE FUNCTION workflow.keep_result(dossier bigint, of_hashes text[], with_settings jsonb, of_result jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    w workflow.dossier;
    key bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = dossier AND workflow.reaches(d) AND d.dossier_state IN ('council_scoring', 'council_rescoring')) THEN
        RAISE EXCEPTION 'dossier % is not being scored', dossier USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = dossier FOR UPDATE;
    -- the result is of exactly the sheets that are signed now
    IF of_hashes IS DISTINCT FROM (SELECT array_agg(g.hash ORDER BY g.score_sheet_key) FROM ocop.score_sheet s JOIN workflow.signature g USING (score_sheet_key)
                                   WHERE s.dossier_key = dossier AND s.score_round = w.score_round) THEN
        RAISE EXCEPTION 'a sheet was signed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    SELECT r.result_key INTO key FROM workflow.result r WHERE r.dossier_key = dossier AND r.score_round = w.score_round AND r.hashes = of_hashes AND r.settings = with_settings;
    IF key IS NULL THEN
        INSERT INTO workflow.result (dossier_key, score_round, version_key, hashes, settings, result) VALUES (dossier, w.score_round, w.version_key, of_hashes, with_settings, of_result)
        RETURNING result_key INTO key;
        IF (of_result->>'spread')::numeric > (with_settings->>'spread_limit')::numeric AND NOT EXISTS (
            SELECT FROM ocop.dossier d, workflow.check_guard('in_writing', d, '{}') WHERE d.dossier_key = dossier) THEN
            PERFORM workflow.take_step(dossier, 'call_meeting', jsonb_build_object('reason', format('Ý kiến chênh nhau %s điểm, quá %s điểm: phải họp (QĐ 26/2026, Điều 7)',
                trim_scale((of_result->>'spread')::numeric), trim_scale((with_settings->>'spread_limit')::numeric))), 'system');
        END IF;
    END IF;
    RETURN key;
END
$$;
-- The reason of a round, in the minutes and on the sheet, is that of the meeting as well.
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
                                   WHERE t.dossier_key = w.dossier_key AND t.action IN ('rescore', 'call_meeting')) t WHERE t.round = r.score_round), ''),
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
CREATE OR REPLACE FUNCTION workflow.sheet_view(sheet bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_variable
DECLARE
    me auth.role_grant := auth.acting();
BEGIN
    IF me.role IS NULL OR me.role NOT IN ('R10', 'R12') THEN RETURN NULL; END IF;
    RETURN (SELECT jsonb_build_object('id', s.score_sheet_key, 'version_key', w.version_key, 'set_no', w.set_no, 'round', s.score_round, 'conflict', s.conflict_of_interest,
                'signed_at', s.score_signed_at, 'hash', g.hash, 'due_on', w.due_on, 'member', m.council_member_name,
                'is_open', d.dossier_state IN ('council_scoring', 'council_rescoring') AND w.score_round = s.score_round AND s.score_signed_at IS NULL AND NOT s.conflict_of_interest,
                'answers', (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_option_no), '{}') FROM ocop.score c WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL),
                'comments', (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_comment) FILTER (WHERE c.score_comment IS NOT NULL), '{}') FROM ocop.score c
                             WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL),
                'rescore_reason', (SELECT t.reason FROM workflow.step t WHERE t.dossier_key = d.dossier_key AND t.action IN ('rescore', 'call_meeting') ORDER BY t.step_key DESC LIMIT 1),
                'dossier', jsonb_build_object('id', d.dossier_key, 'dossier_no', d.dossier_no, 'state', d.dossier_state, 'registration_kind', d.registration_kind),
                'product', jsonb_build_object('id', p.product_key, 'name', p.name, 'class_code', p.class_code, 'description', p.description),
                'producer', jsonb_build_object('id', o.producer_key, 'name', o.name, 'address', o.facility_address, 'lon', public.ST_X(o.facility_geom), 'lat', public.ST_Y(o.facility_geom)),
                'self', (SELECT coalesce(jsonb_object_agg(a.criterion, jsonb_strip_nulls(jsonb_build_object('option', a.option_no, 'note', a.note))), '{}') FROM workflow.self_answer a WHERE a.dossier_key = d.dossier_key),
                'evidence', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.evidence_key, 'kind', e.evidence_kind, 'criterion', e.evidence_criterion_code, 'sha256', e.evidence_file,
                                    'valid_to', e.evidence_valid_to, 'media_type', f.media_type) ORDER BY e.evidence_key), '[]')
                             FROM ocop.evidence e LEFT JOIN files.file f ON f.sha256 = e.evidence_file WHERE e.dossier_key = d.dossier_key AND e.retired_at IS NULL),
                'appraisal', (SELECT jsonb_build_object('opinion', a.opinion, 'visited_on', a.visited_on, 'distance_m', a.visit_distance_m) FROM workflow.appraisal a WHERE a.dossier_key = d.dossier_key),
                'zones', (SELECT coalesce(jsonb_agg(public.ST_AsGeoJSON(z.geom, 5)::jsonb), '[]') FROM (SELECT z.geom FROM geo.zone z WHERE z.producer_key = o.producer_key AND z.retired_at IS NULL LIMIT 50) z))
            FROM ocop.score_sheet s JOIN ocop.council_member m USING (council_member_key) JOIN workflow.seat t USING (council_member_key) JOIN ocop.dossier d USING (dossier_key)
            JOIN workflow.dossier w USING (dossier_key) JOIN ocop.product p USING (product_key) JOIN ocop.producer o ON o.producer_key = p.producer_key
            LEFT JOIN workflow.signature g USING (score_sheet_key)
            WHERE s.score_sheet_key = sheet AND s.retired_at IS NULL AND t.account_key = me.account_key);
END
$$;
