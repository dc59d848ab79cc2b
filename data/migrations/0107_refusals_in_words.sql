-- What the workflow refuses is said in Vietnamese with the English beside it, and a state by its word instead of its code. The words are those of
-- data/code_lists.csv; `ocopmap workflow apply` brings them. Functions are restated with other sentences, nothing else of them changes. Locks nothing.
CREATE TABLE workflow.state_word (
    state text PRIMARY KEY,
    vi    text NOT NULL,
    en    text NOT NULL
);
GRANT SELECT ON workflow.state_word TO ocopmap_public, ocopmap_member, ocopmap_editor;
CREATE FUNCTION workflow.state_in(of_state text, lang text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT coalesce((SELECT CASE lang WHEN 'vi' THEN w.vi ELSE w.en END FROM workflow.state_word w WHERE w.state = of_state), of_state, '-') $$;

CREATE OR REPLACE FUNCTION workflow.guard_dossier() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    is_paper boolean := current_user = 'ocopmap_r08' AND NEW.legal_regime_code IS DISTINCT FROM workflow.regime_on(pub.business_date());
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- an import's row that is there already: what it would change is looked at below
        IF EXISTS (SELECT FROM ocop.dossier d WHERE d.external_id = NEW.external_id) THEN RETURN NEW; END IF;
        IF NOT is_paper AND (NEW.dossier_state <> 'draft' OR coalesce(NEW.dossier_no, NEW.receipt_no, NEW.supplement_request_no, NEW.return_reason, NEW.received_by) IS NOT NULL
                             OR coalesce(NEW.submitted_at, NEW.received_at, NEW.supplement_received_at, NEW.withdrawn_at) IS NOT NULL) THEN
            RAISE EXCEPTION 'Hồ sơ mới là bản nháp: trạng thái, số và thời điểm do quy trình ghi (a dossier begins as a draft: states, numbers and times come from the workflow, POST /api/dossiers/{id}/steps)'
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.dossier_state, NEW.dossier_no, NEW.legal_regime_code, NEW.submitted_at, NEW.received_at, NEW.received_by, NEW.supplement_request_no, NEW.supplement_due_date,
        NEW.supplement_received_at, NEW.return_reason, NEW.withdrawn_at, NEW.product_key)
       IS DISTINCT FROM (OLD.dossier_state, OLD.dossier_no, OLD.legal_regime_code, OLD.submitted_at, OLD.received_at, OLD.received_by, OLD.supplement_request_no,
        OLD.supplement_due_date, OLD.supplement_received_at, OLD.return_reason, OLD.withdrawn_at, OLD.product_key)
       AND NOT (is_paper AND NOT EXISTS (SELECT FROM workflow.step s WHERE s.dossier_key = OLD.dossier_key)) THEN
        RAISE EXCEPTION 'Trạng thái, số và thời điểm của hồ sơ do quy trình ghi (states, numbers and times of a dossier come from the workflow, POST /api/dossiers/{id}/steps)' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF current_user IN ('ocopmap_r02', 'ocopmap_r03') AND OLD.dossier_state <> 'draft' THEN
        RAISE EXCEPTION 'Hồ sơ đã nộp: chỉ sửa khi được yêu cầu bổ sung (the dossier is filed: it is changed by a supplement only)' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION workflow.guard_part() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    state text := (SELECT d.dossier_state FROM ocop.dossier d WHERE d.dossier_key = NEW.dossier_key);
    is_new boolean := TG_OP = 'INSERT';
    is_there boolean;
BEGIN
    IF is_new AND NEW.external_id IS NOT NULL THEN                -- an import's row that is there already is looked at as a change
        EXECUTE format('SELECT EXISTS (SELECT FROM %s t WHERE t.external_id = $1)', TG_RELID::regclass) INTO is_there USING NEW.external_id;
        IF is_there THEN RETURN NEW; END IF;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.dossier_key <> NEW.dossier_key THEN state := NULL; END IF;
    END IF;
    IF TG_TABLE_NAME = 'commune_review' THEN
        IF state = 'received' THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'Ý kiến Mẫu 03 ghi từ khi tiếp nhận đến khi ký; hồ sơ đang ở trạng thái "%" (the review is written between receiving and signing; the dossier is "%")',
            workflow.state_in(state, 'vi'), workflow.state_in(state, 'en') USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF state = 'draft' OR (TG_TABLE_NAME = 'evidence' AND is_new AND state IN ('supplement_commune', 'supplement_province')) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'Hồ sơ đã nộp (%): chỉ bổ sung được minh chứng khi có yêu cầu (the dossier is filed, %: it is changed by a supplement that adds evidence only)',
        workflow.state_in(state, 'vi'), workflow.state_in(state, 'en') USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
CREATE OR REPLACE FUNCTION workflow.draft_of(dossier bigint, states text[]) RETURNS ocop.dossier
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d ocop.dossier;
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier FOR UPDATE;
    IF NOT FOUND OR NOT workflow.reaches(d) THEN RAISE EXCEPTION 'Không có hồ sơ % mà bạn được xem (there is no dossier % that you may see)', dossier, dossier USING ERRCODE = 'no_data_found'; END IF;
    IF NOT d.dossier_state = ANY (states) THEN
        RAISE EXCEPTION 'Hồ sơ đang ở trạng thái "%"; việc này chỉ làm khi: % (the dossier is "%": that is done while it is %)', workflow.state_in(d.dossier_state, 'vi'),
            (SELECT string_agg(workflow.state_in(s, 'vi'), ', ') FROM unnest(states) s), workflow.state_in(d.dossier_state, 'en'), (SELECT string_agg(workflow.state_in(s, 'en'), ', ') FROM unnest(states) s) USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN d;
END
$$;
CREATE OR REPLACE FUNCTION workflow.check_options(of_version bigint, of_set integer, answers jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    a record;
BEGIN
    FOR a IN SELECT k.key, k.value, c.is_heading, o.points FROM jsonb_each(answers) k
             LEFT JOIN rubric.criterion c ON c.version_key = of_version AND c.set_no = of_set AND c.criterion = k.key
             LEFT JOIN rubric.option o ON o.version_key = of_version AND o.set_no = of_set AND o.criterion = k.key
                AND jsonb_typeof(k.value) = 'number' AND o.option_no::text = k.value::text LOOP
        IF a.is_heading IS NULL OR a.is_heading THEN
            RAISE EXCEPTION 'answers có tiêu chí %, phải là tiêu chí của bộ % (answers has criterion %, must be one of set %)', a.key, of_set, a.key, of_set USING ERRCODE = 'invalid_parameter_value';
        ELSIF a.value <> 'null' AND a.points IS NULL AND NOT (a.value = '0' AND NOT EXISTS (
                SELECT FROM rubric.option o WHERE o.version_key = of_version AND o.set_no = of_set AND o.criterion = a.key AND o.points = 0)) THEN
            RAISE EXCEPTION 'tiêu chí % chọn %, phải là một trong % (the criterion is answered with an option that it does not have)', a.key, a.value, (SELECT string_agg(o.option_no::text, ', ' ORDER BY o.option_no) FROM rubric.option o
                WHERE o.version_key = of_version AND o.set_no = of_set AND o.criterion = a.key) USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END LOOP;
END
$$;
CREATE OR REPLACE FUNCTION workflow.check_notes(notes jsonb, answered text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    bare text := (SELECT string_agg(k.key, ', ') FROM jsonb_each_text(notes) k WHERE btrim(k.value) <> '' AND NOT k.key = ANY (answered));
BEGIN
    IF bare IS NOT NULL THEN RAISE EXCEPTION 'Nhận xét ở tiêu chí % chưa có điểm đi kèm: hãy chấm trước (a note on criterion % has no answer to stand beside: answer it first)', bare, bare USING ERRCODE = 'invalid_parameter_value'; END IF;
END
$$;
CREATE OR REPLACE FUNCTION workflow.answer_item(item bigint, with_answer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    dossier bigint := (SELECT i.dossier_key FROM workflow.supplement_item i WHERE i.item_key = item);
BEGIN
    PERFORM workflow.draft_of(dossier, '{supplement_commune,supplement_province}');
    IF (auth.acting()).role NOT IN ('R02', 'R04') THEN RAISE EXCEPTION 'Bổ sung hồ sơ là việc của chủ thể hoặc xã (a supplement is the producer''s or the commune''s)' USING ERRCODE = 'insufficient_privilege'; END IF;
    IF length(btrim(with_answer)) < 2 THEN RAISE EXCEPTION 'answer để trống, phải ghi đã bổ sung gì (answer is empty, must say what was done)' USING ERRCODE = 'invalid_parameter_value'; END IF;
    UPDATE workflow.supplement_item i SET answer = btrim(with_answer), answered_at = now() WHERE i.item_key = item;
END
$$;
CREATE OR REPLACE FUNCTION workflow.own_sheet(sheet bigint) RETURNS ocop.score_sheet
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    s  ocop.score_sheet;
    me auth.role_grant := auth.acting();
BEGIN
    SELECT h.* INTO s FROM ocop.score_sheet h JOIN workflow.seat t USING (council_member_key)
    WHERE h.score_sheet_key = sheet AND h.retired_at IS NULL AND t.account_key = me.account_key AND me.role IN ('R10', 'R12') FOR UPDATE OF h;
    IF NOT FOUND THEN RAISE EXCEPTION 'Bạn không có phiếu % (there is no sheet % of yours)', sheet, sheet USING ERRCODE = 'no_data_found'; END IF;
    IF s.score_signed_at IS NOT NULL THEN RAISE EXCEPTION 'Phiếu đã ký, không sửa được nữa (the sheet is signed: it stays as it is)' USING ERRCODE = 'object_not_in_prerequisite_state'; END IF;
    IF s.conflict_of_interest THEN RAISE EXCEPTION 'Bạn không tham gia chấm hồ sơ này vì xung đột lợi ích (you take no part in this dossier: conflict of interest)' USING ERRCODE = 'object_not_in_prerequisite_state'; END IF;
    IF NOT EXISTS (SELECT FROM ocop.dossier d JOIN workflow.dossier w USING (dossier_key)
                   WHERE d.dossier_key = s.dossier_key AND d.dossier_state IN ('council_scoring', 'council_rescoring') AND w.score_round = s.score_round) THEN
        RAISE EXCEPTION 'Lượt chấm này đã kết thúc (this round of scoring is over)' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN s;
END
$$;
CREATE OR REPLACE FUNCTION workflow.sign_sheet(sheet bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    s ocop.score_sheet := workflow.own_sheet(sheet);
    w workflow.dossier;
    wanting text;
    made text;
BEGIN
    -- whoever signs last sees all others' signatures: one after the other
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = s.dossier_key FOR UPDATE;
    SELECT string_agg(c.criterion, ', ' ORDER BY c.place) INTO wanting FROM rubric.criterion c
    WHERE c.version_key = w.version_key AND c.set_no = w.set_no AND NOT c.is_heading
      AND NOT EXISTS (SELECT FROM ocop.score x WHERE x.score_sheet_key = sheet AND x.score_criterion_code = c.criterion AND x.retired_at IS NULL);
    IF wanting IS NOT NULL THEN RAISE EXCEPTION 'Còn tiêu chí chưa chấm: % (criteria without an answer)', wanting USING ERRCODE = 'invalid_parameter_value'; END IF;
    IF (SELECT count(DISTINCT o.case_no) > 1 FROM ocop.score x JOIN rubric.option o ON o.version_key = w.version_key AND o.set_no = w.set_no
            AND o.criterion = x.score_criterion_code AND o.option_no = x.score_option_no AND o.case_no > 0 WHERE x.score_sheet_key = sheet AND x.retired_at IS NULL) THEN
        RAISE EXCEPTION 'Đã chấm cả hai trường hợp: mọi tiêu chí của một hồ sơ theo một trường hợp (both cases are answered: all criteria of a dossier go by one case)' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO workflow.signature (score_sheet_key, account_key, sheet) VALUES (sheet, (auth.acting()).account_key, workflow.canonical_sheet(sheet)) RETURNING hash INTO made;
    UPDATE ocop.score_sheet h SET score_signed_at = now() WHERE h.score_sheet_key = sheet;
    RETURN made;
END
$$;
CREATE OR REPLACE FUNCTION workflow.declare_conflict(sheet bigint, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    s ocop.score_sheet := workflow.own_sheet(sheet);
BEGIN
    IF length(btrim(why)) < 5 THEN RAISE EXCEPTION 'reason quá ngắn: ghi từ 5 ký tự vì sao bạn không tham gia (reason is too short: say in 5 characters or more why you take no part)' USING ERRCODE = 'invalid_parameter_value'; END IF;
    UPDATE ocop.score_sheet h SET conflict_of_interest = true WHERE h.score_sheet_key = sheet;
    INSERT INTO workflow.conflict (score_sheet_key, reason) VALUES (sheet, btrim(why));
    PERFORM audit.note('conflict', 'ocop.score_sheet', why, sheet::text);
END
$$;
CREATE OR REPLACE FUNCTION workflow.move(dossier bigint, of_action text, given jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d ocop.dossier;
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier;
    IF NOT FOUND OR NOT workflow.reaches(d) THEN RAISE EXCEPTION 'Không có hồ sơ % mà bạn được xem (there is no dossier % that you may see)', dossier, dossier USING ERRCODE = 'no_data_found'; END IF;
    RETURN workflow.take_step(dossier, of_action, given, (auth.acting()).role);
END
$$;
CREATE OR REPLACE FUNCTION workflow.refusals(d ocop.dossier, of_action text, given jsonb, as_role text) RETURNS TABLE (kind text, field text, vi text, en text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    t    workflow.transition;
    need text;
    g    text;
BEGIN
    SELECT * INTO t FROM workflow.transition x WHERE x.regime = d.legal_regime_code AND x.from_state = d.dossier_state AND x.action = of_action;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'conflict', 'action', format('Hồ sơ đang ở trạng thái "%s"; lúc này có thể: %s', workflow.state_in(d.dossier_state, 'vi'), coalesce(string_agg(x.title_vi, ', ' ORDER BY x.place), 'không gì')),
                            format('the dossier is "%s"; possible now: %s', workflow.state_in(d.dossier_state, 'en'), coalesce(string_agg(format('%s [%s]', x.title_en, x.action), ', ' ORDER BY x.place), 'nothing'))
                     FROM workflow.transition x WHERE x.regime = d.legal_regime_code AND x.from_state = d.dossier_state AND x.roles <> '{system}';
        RETURN;
    END IF;
    IF NOT coalesce(as_role = ANY (t.roles), false) THEN
        RETURN QUERY SELECT 'forbidden', 'role', format('Việc này của vai trò %s, không phải %s', array_to_string(t.roles, ', '), coalesce(as_role, '-')),
                            format('that is for %s, not for %s', array_to_string(t.roles, ', '), coalesce(as_role, 'nobody'));
        RETURN;
    END IF;
    FOREACH g IN ARRAY t.guards LOOP
        IF g IN ('round_open', 'session_seated', 'extension_allowed') AND given IS NULL THEN CONTINUE; END IF;  -- they look at what is given
        RETURN QUERY SELECT 'conflict', c.field, c.vi, c.en FROM workflow.check_guard(g, d, coalesce(given, '{}')) c;
    END LOOP;
    IF given IS NULL THEN RETURN; END IF;  -- asked only what could be done
    FOREACH need IN ARRAY t.needs LOOP
        IF need = 'document' THEN
            IF coalesce(btrim(given->>'document_no'), '') = '' THEN RETURN QUERY VALUES ('invalid', 'document_no', 'Cần số văn bản', 'the document''s number is wanted'); END IF;
            IF given->>'document_date' IS NULL OR (given->>'document_date')::date > pub.business_date() THEN
                RETURN QUERY VALUES ('invalid', 'document_date', 'Cần ngày văn bản, không sau hôm nay', 'the document''s date is wanted, not after today');
            END IF;
        ELSIF need = 'reason' AND length(btrim(coalesce(given->>'reason', ''))) < 5 THEN
            RETURN QUERY VALUES ('invalid', 'reason', 'Cần lý do, ít nhất 5 ký tự', 'a reason is wanted, of 5 characters or more');
        ELSIF need = 'due' AND (given->>'due' IS NULL OR (given->>'due')::date <= pub.business_date()) THEN
            RETURN QUERY VALUES ('invalid', 'due', 'Cần ngày đến hạn, sau hôm nay', 'a due date is wanted, after today');
        ELSIF need = 'items' AND (jsonb_typeof(given->'items') IS DISTINCT FROM 'array' OR jsonb_array_length(given->'items') = 0
                                  OR EXISTS (SELECT FROM jsonb_array_elements(given->'items') i WHERE length(btrim(coalesce(i->>'asked', ''))) < 3)) THEN
            RETURN QUERY VALUES ('invalid', 'items', 'Cần ít nhất một nội dung bổ sung, mỗi nội dung nói rõ cần gì', 'at least one item is wanted, each saying what is asked for');
        ELSIF need = 'mean' AND (given->>'mean' IS NULL OR (given->>'mean')::numeric NOT BETWEEN 0 AND 100) THEN
            RETURN QUERY VALUES ('invalid', 'mean', 'Cần tổng điểm trung bình, 0 đến 100', 'the mean total is wanted, 0 to 100');
        ELSIF need = 'star' AND coalesce((given->>'star')::integer, 0) NOT BETWEEN 3 AND 5 THEN
            RETURN QUERY VALUES ('invalid', 'star', 'Cần hạng sao, 3 đến 5', 'the star is wanted, 3 to 5');
        ELSIF need = 'round' AND coalesce(given->>'round', '') = '' THEN
            RETURN QUERY VALUES ('invalid', 'round', 'Cần đợt đánh giá', 'the round is wanted');
        ELSIF need = 'session' AND given->>'session' IS NULL THEN
            RETURN QUERY VALUES ('invalid', 'session', 'Cần phiên họp Hội đồng', 'the council''s session is wanted');
        ELSIF need = 'reason_code' AND coalesce(given->>'reason_code', '') NOT IN ('untrue_documents', 'criteria_not_met', 'law_broken', 'mark_misused', 'production_stopped', 'other') THEN
            RETURN QUERY VALUES ('invalid', 'reason_code', 'Cần một trong sáu lý do thu hồi (Điều 8 khoản 1)', 'one of the six reasons of article 8.1 is wanted: untrue_documents, criteria_not_met, law_broken, mark_misused, production_stopped, other');
        END IF;
    END LOOP;
END
$$;
CREATE OR REPLACE FUNCTION workflow.check_guard(guard text, d ocop.dossier, given jsonb) RETURNS TABLE (field text, vi text, en text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    today  date := pub.business_date();
    regime workflow.regime;
    w      workflow.dossier;
    review ocop.commune_review;
    res    workflow.result;
    cert   ocop.certificate;
    n      integer;
    day    date;
BEGIN
    SELECT * INTO regime FROM workflow.regime r WHERE r.regime = d.legal_regime_code;
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = d.dossier_key;
    CASE guard
    WHEN 'complete' THEN
        RETURN QUERY SELECT m.item, m.vi, m.en FROM workflow.missing(d.dossier_key) m WHERE m.blocks;
    WHEN 'filing_window' THEN
        IF d.registration_kind = 'again' AND regime.renewal_earliest_days IS NOT NULL THEN
            SELECT * INTO cert FROM ocop.certificate c WHERE c.product_key = d.product_key AND c.retired_at IS NULL ORDER BY c.issued_on DESC LIMIT 1;
            IF cert.valid_to IS NULL THEN
                RETURN QUERY VALUES ('registration_kind', 'Sản phẩm chưa có giấy chứng nhận nào để đánh giá lại', 'there is no certificate to renew');
            ELSIF today < cert.valid_to - regime.renewal_earliest_days OR today > cert.valid_to - regime.renewal_latest_days THEN
                RETURN QUERY SELECT 'submitted_at', format('Hồ sơ đánh giá lại nộp từ %s đến %s (180 đến 120 ngày trước khi giấy hết hạn)',
                        to_char(cert.valid_to - regime.renewal_earliest_days, 'DD/MM/YYYY'), to_char(cert.valid_to - regime.renewal_latest_days, 'DD/MM/YYYY')),
                    format('a renewal is filed from %s to %s, %s to %s days before the certificate ends', cert.valid_to - regime.renewal_earliest_days,
                           cert.valid_to - regime.renewal_latest_days, regime.renewal_earliest_days, regime.renewal_latest_days);
            END IF;
        END IF;
    WHEN 'reviewed' THEN
        SELECT * INTO review FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL;
        RETURN QUERY SELECT o.f, 'Mẫu 03 chưa có ' || o.v, 'Mẫu 03 has no ' || o.e
                     FROM (VALUES ('commune_material_opinion', review.commune_material_opinion, 'đánh giá nguyên liệu địa phương', 'opinion on local material'),
                                  ('commune_labour_opinion', review.commune_labour_opinion, 'đánh giá lao động địa phương', 'opinion on local labour'),
                                  ('commune_idea_opinion', review.commune_idea_opinion, 'đánh giá nguồn gốc ý tưởng', 'opinion on the origin of the idea'),
                                  ('commune_identity_opinion', review.commune_identity_opinion, 'đánh giá bản sắc, trí tuệ địa phương', 'opinion on local identity')) o (f, t, v, e)
                     WHERE coalesce(btrim(o.t), '') = '';
    WHEN 'not_yet_proposed' THEN
        IF EXISTS (SELECT FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL AND r.commune_proposal_no IS NOT NULL) THEN
            RETURN QUERY VALUES ('commune_proposal_no', 'Xã đã đề nghị rồi', 'the commune has proposed already');
        END IF;
    WHEN 'proposed' THEN
        IF NOT EXISTS (SELECT FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL AND r.commune_proposal_no IS NOT NULL) THEN
            RETURN QUERY VALUES ('commune_proposal_no', 'Xã chưa có văn bản đề nghị', 'the commune has not proposed yet');
        END IF;
    WHEN 'items_answered' THEN
        SELECT count(*) INTO n FROM workflow.supplement_item i WHERE i.dossier_key = d.dossier_key AND i.answered_at IS NULL;
        IF n > 0 THEN
            RETURN QUERY SELECT 'items', format('Còn %s yêu cầu chưa trả lời', n), format('%s of what was asked for is not answered', n);
        END IF;
    WHEN 'supplement_overdue' THEN
        IF d.supplement_due_date IS NULL OR coalesce((given->>'day')::date, today) <= d.supplement_due_date THEN
            RETURN QUERY SELECT 'supplement_due_date', format('Hạn bổ sung là %s', to_char(d.supplement_due_date, 'DD/MM/YYYY')), format('the supplement is due on %s', d.supplement_due_date);
        END IF;
    WHEN 'regime_open' THEN
        day := CASE d.registration_kind WHEN 'again' THEN regime.again_until ELSE regime.first_until END;
        IF day < today THEN
            RETURN QUERY SELECT 'legal_regime_code', format('Hồ sơ theo quy định cũ phải xong trước hết ngày %s; nay làm hồ sơ mới', to_char(day, 'DD/MM/YYYY')),
                                format('a dossier under the old rules had to be finished by %s; a new one is to be filed', day);
        END IF;
    WHEN 'round_open' THEN
        SELECT * INTO review FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL;
        SELECT r.proposals_until INTO day FROM workflow.round r WHERE r.code = given->>'round';
        IF NOT FOUND THEN
            RETURN QUERY SELECT 'round', format('Không có đợt đánh giá %s', given->>'round'), format('there is no round %s', given->>'round');
        ELSIF coalesce(review.commune_proposal_date, today) > day THEN
            RETURN QUERY SELECT 'round', format('Xã đề nghị ngày %s, đợt %s nhận đến %s: chuyển sang đợt sau', to_char(review.commune_proposal_date, 'DD/MM/YYYY'), given->>'round', to_char(day, 'DD/MM/YYYY')),
                                format('the commune proposed on %s, round %s takes proposals until %s: choose the next one', review.commune_proposal_date, given->>'round', day);
        END IF;
    WHEN 'session_seated' THEN
        SELECT count(*) FILTER (WHERE m.council_member_role = 'chair') INTO n
        FROM ocop.council_session s JOIN ocop.council c USING (council_key) JOIN ocop.council_member m USING (council_key) JOIN workflow.seat t USING (council_member_key)
        WHERE s.council_session_key = (given->>'session')::bigint AND s.retired_at IS NULL AND m.retired_at IS NULL
          AND (c.council_end_date IS NULL OR c.council_end_date > today);
        IF n = 0 THEN
            RETURN QUERY VALUES ('session', 'Phiên họp không có, Hội đồng đã hết nhiệm kỳ, hoặc chưa có tài khoản cho Chủ tịch và ủy viên',
                                 'there is no such session, its council has ended, or its chair and members have no accounts yet');
        END IF;
    WHEN 'rubric_published' THEN
        IF (SELECT c.version_key IS NULL OR c.set_no IS NULL FROM workflow.card_of(d.dossier_key) c) THEN
            RETURN QUERY SELECT 'rubric', format('Chưa công bố bộ tiêu chí %s cho nhóm sản phẩm này', regime.rubric), format('no rubric %s is published for this class', regime.rubric);
        END IF;
    WHEN 'appraised' THEN
        IF NOT EXISTS (SELECT FROM workflow.appraisal a WHERE a.dossier_key = d.dossier_key AND (a.visited_on IS NOT NULL OR d.registration_kind = 'again')) THEN
            RETURN QUERY VALUES ('appraisal', 'Tổ tư vấn chưa ghi ý kiến thẩm định và ngày khảo sát thực tế', 'the advisory team has no opinion with the day of its visit yet');
        END IF;
    WHEN 'scored' THEN
        res := workflow.result_of(d.dossier_key);
        IF res.result_key IS NULL THEN
            SELECT count(*) INTO n FROM ocop.score_sheet s WHERE s.dossier_key = d.dossier_key AND s.score_round = w.score_round AND s.retired_at IS NULL
                AND s.score_signed_at IS NULL AND NOT s.conflict_of_interest;
            RETURN QUERY SELECT 'sheets', format('Lượt %s: còn %s phiếu chưa ký, chưa tổng hợp', w.score_round, n), format('round %s: %s sheets are not signed, there is no result', w.score_round, n);
        END IF;
    WHEN 'spread_within' THEN
        res := workflow.result_of(d.dossier_key);
        IF (res.result->>'spread')::numeric > (res.settings->>'spread_limit')::numeric THEN
            RETURN QUERY SELECT 'spread', format('Chênh lệch %s vượt %s điểm: thảo luận và chấm lại', trim_scale((res.result->>'spread')::numeric), trim_scale((res.settings->>'spread_limit')::numeric)),
                                format('the spread %s is above %s points: discuss and score again', trim_scale((res.result->>'spread')::numeric), trim_scale((res.settings->>'spread_limit')::numeric));
        END IF;
    WHEN 'in_writing' THEN
        IF (SELECT s.session_mode FROM ocop.council_session s WHERE s.council_session_key = w.council_session_key) IS DISTINCT FROM 'written' THEN
            RETURN QUERY VALUES ('session_mode', 'Phiên này đã là phiên họp, không phải lấy ý kiến văn bản', 'the session is a meeting already, not in writing');
        END IF;
    WHEN 'quorum' THEN
        res := workflow.result_of(d.dossier_key);
        IF res.settings ? 'quorum_pct' AND cardinality(res.hashes) * 100 < (res.settings->>'quorum_pct')::numeric * (res.settings->>'council_members')::integer THEN
            RETURN QUERY SELECT 'quorum', format('%s trên %s thành viên đã chấm, cần %s %%', cardinality(res.hashes), res.settings->>'council_members', res.settings->>'quorum_pct'),
                                format('%s of %s members scored, %s %% are needed', cardinality(res.hashes), res.settings->>'council_members', res.settings->>'quorum_pct');
        END IF;
    WHEN 'certifiable' THEN
        res := workflow.result_of(d.dossier_key);
        IF NOT coalesce((res.result->>'certifiable')::boolean, false) THEN
            RETURN QUERY SELECT 'star', 'Kết quả không đủ điều kiện công nhận: ' || coalesce((SELECT string_agg(x->>'vi', '; ') FROM jsonb_array_elements(res.result->'reasons') x), 'chưa có'),
                                'the result cannot be certified: ' || coalesce((SELECT string_agg(x->>'en', '; ') FROM jsonb_array_elements(res.result->'reasons') x), 'there is none');
        END IF;
    WHEN 'not_certifiable' THEN
        res := workflow.result_of(d.dossier_key);
        IF coalesce((res.result->>'certifiable')::boolean, false) THEN
            RETURN QUERY SELECT 'star', format('Kết quả %s sao đủ điều kiện công nhận', res.result->>'star'), format('the result, %s stars, can be certified', res.result->>'star');
        END IF;
    WHEN 'province_decides' THEN
        res := workflow.result_of(d.dossier_key);
        IF (res.result->>'star')::integer = 5 THEN
            RETURN QUERY VALUES ('star', 'Tiềm năng 5 sao do Bộ quyết định: gửi trung ương', 'five stars are the ministry''s to decide: forward to the centre');
        END IF;
    WHEN 'five_stars' THEN
        res := workflow.result_of(d.dossier_key);
        IF (res.result->>'star')::integer IS DISTINCT FROM 5 THEN
            RETURN QUERY SELECT 'star', format('Kết quả là %s sao, không gửi trung ương', coalesce(res.result->>'star', '-')), format('the result is %s stars, not five', coalesce(res.result->>'star', 'none'));
        END IF;
    WHEN 'decision_text' THEN
        IF NOT (SELECT p.is_demo FROM ocop.product p WHERE p.product_key = d.product_key)
           AND NOT coalesce((SELECT v.is_official FROM rubric.version v WHERE v.version_key = w.version_key), false) THEN
            RETURN QUERY VALUES ('rubric', 'Hồ sơ chấm theo bản huấn luyện: quyết định thật cần văn bản chính thức', 'scored by the training text: a real decision needs the official one');
        END IF;
    WHEN 'no_other_certificate' THEN
        IF d.registration_kind = 'first' AND EXISTS (SELECT FROM ocop.certificate c WHERE c.product_key = d.product_key AND c.retired_at IS NULL AND c.in_force @> today) THEN
            RETURN QUERY VALUES ('registration_kind', 'Sản phẩm đang có giấy chứng nhận còn hiệu lực: đăng ký nâng hạng hoặc đánh giá lại', 'the product has a certificate in force: register an upgrade or a renewal');
        END IF;
    WHEN 'district_three_stars' THEN
        SELECT g.awarded_star INTO n FROM ocop.grading_result g WHERE g.dossier_key = d.dossier_key AND g.retired_at IS NULL ORDER BY g.grading_result_key DESC LIMIT 1;
        IF n IS DISTINCT FROM 3 THEN RETURN QUERY VALUES ('star', 'Huyện chỉ cấp giấy 3 sao', 'a district certifies three stars only'); END IF;
    WHEN 'district_below' THEN
        SELECT g.awarded_star INTO n FROM ocop.grading_result g WHERE g.dossier_key = d.dossier_key AND g.retired_at IS NULL ORDER BY g.grading_result_key DESC LIMIT 1;
        IF n >= 3 THEN RETURN QUERY VALUES ('star', 'Kết quả từ 3 sao trở lên', 'the result is three stars or more'); END IF;
    WHEN 'district_sends_up' THEN
        IF (SELECT g.mean_total < regime.district_sends_up_from FROM ocop.grading_result g WHERE g.dossier_key = d.dossier_key AND g.retired_at IS NULL ORDER BY g.grading_result_key DESC LIMIT 1) THEN
            RETURN QUERY SELECT 'mean_total', format('Huyện gửi tỉnh từ %s điểm', regime.district_sends_up_from), format('a district sends up from %s points', regime.district_sends_up_from);
        END IF;
    WHEN 'certificate_expiring', 'certificate_ended', 'extension_allowed' THEN
        SELECT c.* INTO cert FROM ocop.certificate c JOIN ocop.grading_result g USING (certificate_key) WHERE g.dossier_key = d.dossier_key LIMIT 1;
        day := coalesce((given->>'day')::date, today);
        IF cert.certificate_key IS NULL THEN
            RETURN QUERY VALUES ('certificate', 'Hồ sơ không có giấy chứng nhận', 'the dossier has no certificate');
        ELSIF guard = 'certificate_expiring' AND (cert.valid_to > day + 180 OR cert.valid_to <= day) THEN
            RETURN QUERY SELECT 'valid_to', format('Giấy có hiệu lực đến hết ngày %s', to_char(cert.valid_to - 1, 'DD/MM/YYYY')), format('the certificate is valid until %s', cert.valid_to);
        ELSIF guard = 'certificate_ended' AND cert.valid_to > day THEN
            RETURN QUERY SELECT 'valid_to', format('Giấy có hiệu lực đến hết ngày %s', to_char(cert.valid_to - 1, 'DD/MM/YYYY')), format('the certificate is valid until %s', cert.valid_to);
        ELSIF guard = 'extension_allowed' AND ((given->>'due')::date > coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180)
                                               OR (given->>'due')::date <= cert.valid_to) THEN
            RETURN QUERY SELECT 'due', format('Gia hạn tạm từ sau %s đến %s', to_char(cert.valid_to, 'DD/MM/YYYY'), to_char(coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180), 'DD/MM/YYYY')),
                                format('an extension ends after %s and by %s', cert.valid_to, coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180));
        END IF;
    ELSE
        RAISE EXCEPTION 'data/workflow.csv names the condition %, which there is not', guard;
    END CASE;
END
$$;
