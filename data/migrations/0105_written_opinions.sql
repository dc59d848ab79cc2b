-- Opinions in writing that differ call a meeting (QĐ 26/2026, Điều 7 khoản 6 điểm d): when the signed sheets lie further apart than the
-- council's limit, the session becomes a meeting by itself, and any member, the secretary or the chair may ask for one with a reason. A step of the
-- dossier like others (data/workflow.csv, call_meeting): the sheets stay, the meeting scores in a new round. Functions are restated; locks nothing.

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
            RETURN QUERY SELECT 'supplement_due_date', format('Hạn bổ sung là %s', d.supplement_due_date), format('the supplement is due on %s', d.supplement_due_date);
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
            RETURN QUERY SELECT 'valid_to', format('Giấy có hiệu lực đến %s', cert.valid_to), format('the certificate is valid until %s', cert.valid_to);
        ELSIF guard = 'certificate_ended' AND cert.valid_to > day THEN
            RETURN QUERY SELECT 'valid_to', format('Giấy có hiệu lực đến %s', cert.valid_to), format('the certificate is valid until %s', cert.valid_to);
        ELSIF guard = 'extension_allowed' AND ((given->>'due')::date > coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180)
                                               OR (given->>'due')::date <= cert.valid_to) THEN
            RETURN QUERY SELECT 'due', format('Gia hạn tạm từ sau %s đến %s', cert.valid_to, coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180)),
                                format('an extension ends after %s and by %s', cert.valid_to, coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180));
        END IF;
    ELSE
        RAISE EXCEPTION 'data/workflow.csv names the condition %, which there is not', guard;
    END CASE;
END
$$;
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
