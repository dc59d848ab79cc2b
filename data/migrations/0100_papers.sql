-- The fields of the procedure's papers (docs/reference/documents.md), out of what a dossier or a council's session holds; as JSON with the
-- names of programme/documents. Codes stay codes: whoever prints them has the words. Locks nothing.

-- The head of the authority's papers: the province of today and, where it acts, the commune.
CREATE FUNCTION workflow.province_name() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT u.name FROM geo.admin_unit u WHERE u.level = 'province' ORDER BY u.valid_to DESC NULLS FIRST, u.valid_from DESC LIMIT 1 $$;

-- A percentage as the fraction that grading takes: 75 as 3/4.
CREATE FUNCTION workflow.share_of(percent numeric) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS
$$ SELECT n / gcd(n, 10000) || '/' || 10000 / gcd(n, 10000) FROM (SELECT round(percent * 100)::integer) s (n) $$;
CREATE FUNCTION workflow.iso_time(at timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT to_char(at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD"T"HH24:MI:SS"+07:00"') $$;
CREATE FUNCTION workflow.business_day(at timestamptz) RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date $$;

CREATE FUNCTION workflow.paper_product(dossier bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT jsonb_strip_nulls(jsonb_build_object('dossier_no', d.dossier_no, 'product_no', p.product_code, 'product_name', p.name, 'producer_name', m.name, 'address', m.facility_address,
        'commune_name', c.name, 'class_code', p.class_code, 'class_name', (SELECT s->>'vi' FROM rubric.version v, jsonb_array_elements(v.content->'sets') s
                                                                           WHERE v.version_key = k.version_key AND (s->>'set')::integer = k.set_no), 'set', k.set_no))
    FROM ocop.dossier d JOIN ocop.product p USING (product_key) JOIN ocop.producer m ON m.producer_key = p.producer_key CROSS JOIN LATERAL workflow.card_of(d.dossier_key) k
    LEFT JOIN LATERAL (SELECT u.name FROM geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key) WHERE l.lineage_key = d.lineage_key AND u.level = 'commune'
                       ORDER BY u.valid_to DESC NULLS FIRST, u.valid_from DESC LIMIT 1) c ON true
    WHERE d.dossier_key = dossier
$$;

-- A paper of one dossier: its fields, and the key of the rubric it goes by. NULL: not reached, or not for the acting role.
CREATE FUNCTION workflow.paper(dossier bigint, kind text, sheet bigint, OUT fields jsonb, OUT version_key bigint, OUT set_no integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    d       ocop.dossier;
    me      auth.role_grant := auth.acting();
    m       ocop.producer;
    r       ocop.representative;
    review  ocop.commune_review;
    g       ocop.grading_result;
    c       ocop.certificate;
    card    record;
    product jsonb;
    commune text;
    is_whole boolean;                                         -- whoever may read the representative's data
    head    jsonb;
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier;
    IF NOT FOUND OR NOT workflow.reaches(d) THEN RETURN; END IF;
    SELECT * INTO card FROM workflow.card_of(dossier);
    version_key := card.version_key;
    set_no := card.set_no;
    SELECT * INTO m FROM ocop.producer o WHERE o.producer_key = d.producer_key;
    SELECT * INTO r FROM ocop.representative o WHERE o.producer_key = d.producer_key AND o.retired_at IS NULL ORDER BY o.representative_key DESC LIMIT 1;
    SELECT * INTO review FROM ocop.commune_review o WHERE o.dossier_key = dossier AND o.retired_at IS NULL;
    SELECT * INTO g FROM ocop.grading_result o WHERE o.dossier_key = dossier AND o.retired_at IS NULL ORDER BY o.grading_result_key DESC LIMIT 1;
    SELECT * INTO c FROM ocop.certificate o WHERE o.certificate_key = g.certificate_key;
    product := workflow.paper_product(dossier);
    commune := product->>'commune_name';
    is_whole := me.role IN ('R02', 'R04', 'R05', 'R08');
    head := jsonb_build_object('place', workflow.province_name(), 'created_at', workflow.iso_time(now()), 'is_draft', d.dossier_state = 'draft');
    IF kind IN ('registration', 'self-assessment') THEN
        IF me.role = 'R14' AND kind = 'self-assessment' THEN RETURN; END IF;
        fields := jsonb_build_object(
            'paper', head || jsonb_build_object('authority', m.name, 'date', workflow.business_day(d.submitted_at)),
            'producer', jsonb_build_object('producer_name', m.name, 'producer_kind', m.kind, 'legal_representative', r.legal_rep_name, 'representative_position', r.legal_rep_position,
                'representative_gender', CASE WHEN is_whole THEN r.legal_rep_gender END, 'address', coalesce(m.head_office_address, m.facility_address), 'commune_name', commune,
                'province_name', workflow.province_name(), 'phone', CASE WHEN is_whole THEN m.phone END, 'email', CASE WHEN is_whole THEN m.email END,
                'business_reg_no', m.business_reg_no, 'business_reg_date', m.business_reg_date),
            'product', product,
            'signature', jsonb_build_object('position', r.legal_rep_position, 'name', r.legal_rep_name, 'signed_at', workflow.iso_time(d.submitted_at)));
        IF kind = 'registration' THEN
            fields := fields || jsonb_build_object('registration_kind', d.registration_kind, 'previous_certificate_no', d.previous_certificate_no, 'sample_quantity', d.sample_quantity,
                'attachments', (SELECT coalesce(jsonb_agg(e.evidence_kind ORDER BY e.evidence_key), '[]') FROM ocop.evidence e WHERE e.dossier_key = dossier AND e.retired_at IS NULL),
                'receipts', jsonb_build_array(
                    jsonb_build_object('authority', 'UBND ' || commune, 'receipt_no', d.dossier_no, 'received_on', workflow.business_day(d.received_at),
                                       'received_by', jsonb_build_object('name', d.received_by)),
                    jsonb_build_object('authority', 'Cơ quan OCOP cấp tỉnh', 'received_on',
                        (SELECT workflow.business_day(max(s.at)) FROM workflow.step s WHERE s.dossier_key = dossier AND s.to_state = 'province_received'))));
        ELSE
            fields := fields || jsonb_build_object('history_note', m.history_note,
                'papers', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', k.kind, 'is_held', EXISTS (SELECT FROM ocop.evidence e WHERE e.dossier_key = dossier AND e.retired_at IS NULL
                                  AND e.evidence_kind = k.kind)) ORDER BY k.n), '[]')
                           FROM unnest('{business_registration,quality_declaration,facility_certificate,quality_system,intellectual_property}'::text[]) WITH ORDINALITY k (kind, n)),
                'business_result_note', (SELECT s.business_result_note FROM ocop.self_assessment s WHERE s.dossier_key = dossier AND s.retired_at IS NULL),
                'business_plan_note', (SELECT s.business_plan_note FROM ocop.self_assessment s WHERE s.dossier_key = dossier AND s.retired_at IS NULL),
                'sheet', jsonb_build_object('name', m.name, 'options', (SELECT coalesce(jsonb_object_agg(a.criterion, a.option_no), '{}') FROM workflow.self_answer a WHERE a.dossier_key = dossier)),
                'evidence_notes', (SELECT coalesce(jsonb_object_agg(a.criterion, a.note) FILTER (WHERE a.note IS NOT NULL), '{}') FROM workflow.self_answer a WHERE a.dossier_key = dossier),
                'evidence', (SELECT coalesce(jsonb_agg(jsonb_build_object('evidence_kind', e.evidence_kind, 'criterion_code', e.evidence_criterion_code, 'valid_to', e.evidence_valid_to,
                                        'sha256', e.evidence_file, 'file_name', (SELECT h.name FROM files.holding h WHERE h.sha256 = e.evidence_file ORDER BY h.holding_key LIMIT 1)) ORDER BY e.evidence_key), '[]')
                             FROM ocop.evidence e WHERE e.dossier_key = dossier AND e.retired_at IS NULL));
        END IF;
    ELSIF kind = 'commune-report' AND review.commune_review_key IS NOT NULL AND d.dossier_state NOT IN ('draft', 'submitted') THEN
        IF me.role = 'R02' AND review.commune_report_no IS NULL THEN RETURN; END IF;
        fields := (SELECT jsonb_build_object('paper', head || jsonb_build_object('superior_authority', upper('Ủy ban nhân dân ' || workflow.province_name()), 'authority', upper('Ủy ban nhân dân ' || commune),
                'number', review.commune_report_no, 'date', s.document_date, 'is_draft', s.step_key IS NULL),
            'product', product, 'producer', jsonb_build_object('producer_name', m.name, 'address', m.facility_address, 'commune_name', commune, 'legal_representative', r.legal_rep_name),
            'received_on', workflow.business_day(d.received_at), 'commune_material_opinion', review.commune_material_opinion, 'commune_labour_opinion', review.commune_labour_opinion,
            'commune_idea_opinion', review.commune_idea_opinion, 'commune_identity_opinion', review.commune_identity_opinion, 'is_proposed', d.dossier_state <> 'returned',
            'proposal_note', d.return_reason,
            'signature', jsonb_build_object('on_behalf', 'TM. ỦY BAN NHÂN DÂN', 'position', 'CHỦ TỊCH', 'name', (SELECT a.display_name FROM auth.account a WHERE a.account_key = s.account_key),
                                            'signed_at', workflow.iso_time(s.at)))
            FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT * FROM workflow.step t WHERE t.dossier_key = dossier AND t.action = 'review' ORDER BY t.step_key DESC LIMIT 1) s ON true);
    ELSIF kind = 'bundle-list' THEN
        fields := jsonb_build_object('paper', head || jsonb_build_object('superior_authority', upper('Ủy ban nhân dân ' || workflow.province_name()), 'authority', upper('Ủy ban nhân dân ' || commune),
                                                                         'number', review.commune_proposal_no, 'date', review.commune_proposal_date),
            'product', product, 'files', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', coalesce(f->>'name', f->>'evidence_kind'), 'note', f->>'evidence_kind', 'bytes', (f->>'bytes')::bigint, 'sha256', f->>'sha256')), '[]')
                FROM jsonb_array_elements(coalesce((SELECT b.files FROM workflow.bundle b WHERE b.dossier_key = dossier ORDER BY b.step_key DESC LIMIT 1), workflow.files_of(dossier))) f),
            'signature', '{}'::jsonb);
    ELSIF kind = 'score-sheet' THEN
        fields := (SELECT jsonb_build_object('paper', head || jsonb_build_object('superior_authority', upper('Ủy ban nhân dân ' || workflow.province_name()), 'authority', 'HỘI ĐỒNG ĐÁNH GIÁ, PHÂN HẠNG SẢN PHẨM OCOP',
                    'date', workflow.business_day(h.signed_at), 'is_draft', h.signed_at IS NULL),
                'council_name', 'Hội đồng đánh giá, phân hạng sản phẩm OCOP', 'product', product, 'score_round', h.score_round, 'member_role', h.member_role,
                'member_agency', (SELECT b.council_member_agency FROM ocop.council_member b WHERE b.council_member_key = h.council_member_key),
                'sheet', jsonb_build_object('name', h.member, 'options', h.answers), 'comments', h.comments,
                'signature', jsonb_build_object('position', 'THÀNH VIÊN HỘI ĐỒNG', 'name', h.member, 'signed_at', workflow.iso_time(h.signed_at), 'sha256', h.hash))
            FROM workflow.sheets(dossier) h WHERE h.score_sheet_key = sheet AND h.is_open AND h.signed_at IS NOT NULL);
    ELSIF kind = 'certificate' AND c.certificate_key IS NOT NULL THEN
        fields := jsonb_build_object('paper', head || jsonb_build_object('authority', upper(coalesce(c.decided_by, '')), 'number', c.certificate_serial, 'date', c.issued_on),
            'product', product, 'star', c.star, 'certificate_serial', c.certificate_serial, 'decision_no', c.decision_no, 'decision_date', g.decision_date, 'valid_to', c.valid_to - 1,  -- papers name the last day, the record the first without
           
            'signature', jsonb_build_object('position', CASE g.decision_authority WHEN 'ministry' THEN 'BỘ TRƯỞNG' ELSE 'CHỦ TỊCH' END));
    END IF;
END
$$;

-- A paper of a whole session: minutes, ranking, decision, product-list. All its dossiers go by one rubric.
CREATE FUNCTION workflow.session_paper(session bigint, kind text, OUT fields jsonb, OUT version_key bigint, OUT version_count integer)
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
                                'quorum', workflow.share_of((r.settings->>'quorum_pct')::numeric))))) ORDER BY r.score_round)
                    FROM (SELECT DISTINCT ON (r.score_round) r.* FROM workflow.result r WHERE r.dossier_key = w.dossier_key ORDER BY r.score_round, r.result_key DESC) r
                    )) ORDER BY w.dossier_key), '[]')
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
