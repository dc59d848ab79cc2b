-- Group 5: 400 dossiers of the sample's first products (as many as there are), a council with seven members and its sheets.
INSERT INTO ocop.dossier (external_id, product_key, dossier_no, legal_regime_code, registration_kind, evaluation_batch, previous_certificate_no, submitted_at, received_at,
                          received_by, receipt_no, paper_copy_received, sample_quantity, dossier_state, supplement_request_no, supplement_due_date, supplement_received_at,
                          return_reason, withdrawn_at, external_file_code)
SELECT format('demo-dossier-%s', i), product_key, format('%s/PĐK-83-%s-2026 (mẫu)', i, 28700 + i % 90), 'qd26_2026', CASE WHEN i % 5 = 0 THEN 'again' ELSE 'first' END, '2026-1',
       CASE WHEN i % 5 = 0 THEN format('GCN-%s (mẫu)', i) END, day, day + interval '2 hours', pg_temp.person('receiver', i), format('BN-%s (mẫu)', i), true, 5, state,
       CASE WHEN i % 4 = 0 THEN format('%s/YCBS (mẫu)', i) END, CASE WHEN i % 4 = 0 THEN day::date + 10 END, CASE WHEN i % 4 = 0 THEN day + interval '7 days' END,
       CASE WHEN state = 'returned' THEN 'Thiếu giấy tờ (mẫu)' END, CASE WHEN state = 'withdrawn' THEN day + interval '3 days' END, format('000.%s (mẫu)', i)
FROM (SELECT *, (pg_temp.today() - 100 + (i % 40)::integer)::timestamptz AS day,
             (ARRAY['certified', 'certified', 'council_scoring', 'received', 'returned', 'withdrawn', 'not_recognised', 'commune_reviewed'])[1 + i % 8] AS state
      FROM of_product WHERE i <= 400) p ORDER BY i;
INSERT INTO ocop.commune_review (external_id, dossier_key, commune_due_date, commune_material_opinion, commune_labour_opinion, commune_idea_opinion, commune_identity_opinion,
                                 commune_report_no, commune_proposal_no, commune_proposal_date)
SELECT replace(external_id, 'dossier', 'review'), dossier_key, received_at::date + 21, 'Nguyên liệu tại xã (mẫu)', 'Lao động tại xã (mẫu)', 'Ý tưởng của địa phương (mẫu)',
       'Có bản sắc (mẫu)', format('%s/BC-UBND (mẫu)', dossier_key), format('%s/TTr-UBND (mẫu)', dossier_key), received_at::date + 15
FROM ocop.dossier WHERE external_id LIKE 'demo-%' ORDER BY dossier_key;
INSERT INTO ocop.self_assessment (external_id, dossier_key, self_score_a, self_score_b, self_score_c, business_result_note, business_plan_note)
SELECT replace(external_id, 'dossier', 'self'), dossier_key, 30 + dossier_key % 10, 18 + dossier_key % 7, 25 + dossier_key % 10, 'Kết quả mẫu', 'Kế hoạch mẫu'
FROM ocop.dossier WHERE external_id LIKE 'demo-%' ORDER BY dossier_key;
INSERT INTO ocop.evidence (external_id, dossier_key, evidence_kind, evidence_criterion_code, evidence_file, evidence_sha256, evidence_valid_to, evidence_check)
SELECT format('%s-%s', replace(external_id, 'dossier', 'evidence'), kind), dossier_key, kind, criterion, pg_temp.file_of(kind, dossier_key), pg_temp.file_of(kind, dossier_key),
       pg_temp.today() + 300, pg_temp.pick(kind, dossier_key, '{valid,valid,unchecked,invalid}')
FROM ocop.dossier, (VALUES ('business_registration', '3.1'), ('facility_certificate', '9'), ('story', '5.1'), ('test_report', '8')) e (kind, criterion)
WHERE external_id LIKE 'demo-%' ORDER BY dossier_key, kind;
INSERT INTO ocop.council (external_id, council_level, council_decision_no, council_decision_date, council_end_date, quorum_pct, spread_limit, unit_key)
SELECT 'demo-council-1', 'province', '1/QĐ-HĐ (mẫu)', pg_temp.today() - 120, pg_temp.today() + 600, 75, 10,
       (SELECT unit_key FROM geo.admin_unit WHERE level = 'province' ORDER BY valid_from DESC LIMIT 1);
INSERT INTO ocop.council_member (external_id, council_key, council_member_name, council_member_role, council_member_agency)
SELECT format('demo-member-%s', n), council_key, pg_temp.person('member', n), (ARRAY['chair', 'vice_chair', 'secretary', 'member', 'member', 'member', 'advisory'])[n], 'Cơ quan mẫu ' || n
FROM ocop.council, generate_series(1, 7) n WHERE external_id = 'demo-council-1' ORDER BY n;
INSERT INTO ocop.council_session (external_id, council_key, session_date, session_mode, session_present_count)
SELECT 'demo-session-1', council_key, pg_temp.today() - 30, 'meeting', 6 FROM ocop.council WHERE external_id = 'demo-council-1';
INSERT INTO ocop.score_sheet (external_id, dossier_key, council_session_key, council_member_key, conflict_of_interest, score_rubric_version, score_round)
SELECT format('demo-sheet-%s-%s', d.dossier_key, m.council_member_key), d.dossier_key, s.council_session_key, m.council_member_key,
       (split_part(d.external_id, '-', 3)::integer + split_part(m.external_id, '-', 3)::integer) % 60 = 0, 'QD26-2026', 1
FROM ocop.dossier d, ocop.council_session s JOIN ocop.council_member m USING (council_key)
WHERE d.external_id LIKE 'demo-%' AND d.dossier_state IN ('certified', 'not_recognised') AND s.external_id = 'demo-session-1'
  AND m.council_member_role IN ('chair', 'vice_chair', 'member') ORDER BY 2, 4;
INSERT INTO ocop.score (external_id, score_sheet_key, score_criterion_code, score_option_no, score_points, score_comment)
SELECT format('%s-%s', replace(external_id, 'sheet', 'score'), criterion), score_sheet_key, criterion, option_no, option_no, 'Ý kiến mẫu'
FROM ocop.score_sheet, (VALUES ('1.1', 3), ('2.2', 2), ('6.5', 3)) c (criterion, option_no)
WHERE external_id LIKE 'demo-%' AND NOT conflict_of_interest ORDER BY score_sheet_key, criterion;
UPDATE ocop.score_sheet SET score_signed_at = (pg_temp.today() - 29)::timestamptz WHERE external_id LIKE 'demo-%' AND NOT conflict_of_interest;
INSERT INTO ocop.grading_result (external_id, dossier_key, council_session_key, certificate_key, mean_total, score_spread, unmet_star_minimum, awarded_star, advisory_report_no,
                                 field_visit_date, minutes_no, decision_no, decision_date, decision_authority, central_forward_date)
SELECT replace(d.external_id, 'dossier', 'result'), d.dossier_key, s.council_session_key, CASE WHEN d.dossier_state = 'certified' THEN c.certificate_key END,
       CASE WHEN d.dossier_state <> 'certified' THEN 44.5 ELSE (ARRAY[61.25, 78.6667, 91.5])[c.star - 2] END, 3.5, CASE WHEN d.dossier_state <> 'certified' THEN '2.3' END,
       CASE WHEN d.dossier_state = 'certified' THEN c.star ELSE 2 END, format('%s/BC-TTV (mẫu)', d.dossier_key), pg_temp.today() - 40, format('%s/BB (mẫu)', d.dossier_key),
       CASE WHEN d.dossier_state = 'certified' THEN c.decision_no END, CASE WHEN d.dossier_state = 'certified' THEN c.issued_on END,
       CASE WHEN d.dossier_state = 'certified' THEN CASE c.star WHEN 5 THEN 'ministry' ELSE 'province' END END, CASE WHEN c.star = 5 THEN pg_temp.today() - 25 END
FROM ocop.dossier d JOIN ocop.council_session s ON s.external_id = 'demo-session-1'
JOIN LATERAL (SELECT * FROM ocop.certificate k WHERE k.product_key = d.product_key ORDER BY k.issued_on DESC LIMIT 1) c ON true
WHERE d.external_id LIKE 'demo-%' AND d.dossier_state IN ('certified', 'not_recognised') ORDER BY d.dossier_key;
INSERT INTO ocop.inspection_plan (external_id, inspection_plan_no, inspection_plan_kind, inspection_plan_from, inspection_plan_to, inspection_plan_unit_code, inspection_plan_decision_no,
                                  inspection_plan_note)
VALUES ('demo-plan-1', 'KH-01/2026 (mẫu)', 'periodic', pg_temp.today() - 60, pg_temp.today() + 30, NULL, '11/QĐ-SNN (mẫu)', 'Cả tỉnh (mẫu)'),
       ('demo-plan-2', 'KH-02/2026 (mẫu)', 'unannounced', pg_temp.today() - 5, pg_temp.today() + 60, '28777', '12/QĐ-SNN (mẫu)', 'Một phường (mẫu)');
INSERT INTO ocop.inspection_target (external_id, product_key, inspection_plan_no, target_reason, target_note)
SELECT format('demo-target-%s', i), product_key, 'KH-01/2026 (mẫu)', pg_temp.pick('why', i, '{expiring,long_unvisited,complaint}'), 'Chọn theo rủi ro (mẫu)'
FROM of_product WHERE i % 10 = 1 AND i <= 400 ORDER BY i;
INSERT INTO ocop.post_inspection (external_id, product_key, inspection_date, inspection_kind, inspection_finding, inspection_remedy_due, complaint_content, complaint_result,
                                  inspection_plan_no, inspection_inspector, inspection_geom, inspection_accuracy_m, inspection_photo_file)
SELECT format('demo-inspection-%s', o.i), o.product_key, pg_temp.today() - pg_temp.whole('visit', o.i, 5, 300), pg_temp.pick('visitkind', o.i, '{periodic,periodic,unannounced}'),
       'Đạt, cần sửa nhãn (mẫu)', pg_temp.today() + 20, CASE WHEN o.i % 40 = 1 THEN 'Nhãn mờ (mẫu)' END, CASE WHEN o.i % 40 = 1 THEN 'Đã in lại (mẫu)' END,
       CASE WHEN o.i <= 400 THEN 'KH-01/2026 (mẫu)' END, pg_temp.person('inspector', o.i), m.facility_geom, 4 + o.i % 20, pg_temp.file_of('photo', o.i)
FROM of_product o JOIN of_producer m USING (producer_key) WHERE o.i % 20 = 1 ORDER BY o.i;
INSERT INTO ocop.inspection_finding (external_id, post_inspection_key, finding_severity, finding_text, finding_ground, finding_photo_file, finding_remedy_due, finding_state,
                                     finding_remedied_on, finding_closed_by)
SELECT replace(v.external_id, 'inspection', 'finding'), v.post_inspection_key, pg_temp.pick('severity', n, '{minor,minor,major,critical}'), 'Nhãn thiếu hạn dùng (mẫu)',
       CASE WHEN n % 3 = 0 THEN pg_temp.pick('ground', n, '{mark_misused,criteria_not_met,law_broken}') END, pg_temp.file_of('photo', n), v.inspection_date + 30,
       CASE WHEN n % 2 = 0 THEN 'remedied' ELSE 'open' END, CASE WHEN n % 2 = 0 THEN v.inspection_date + 12 END, CASE WHEN n % 2 = 0 THEN pg_temp.person('closer', n) END
FROM (SELECT *, row_number() OVER (ORDER BY post_inspection_key) AS n FROM ocop.post_inspection WHERE external_id LIKE 'demo-%') v WHERE v.n <= 30 ORDER BY v.n;
INSERT INTO ocop.remedy (external_id, inspection_finding_key, remedy_note, remedy_on, remedy_photo_file)
SELECT replace(external_id, 'finding', 'remedy'), inspection_finding_key, 'Đã in lại nhãn (mẫu)', finding_remedied_on - 2, pg_temp.file_of('photo', inspection_finding_key)
FROM ocop.inspection_finding WHERE external_id LIKE 'demo-%' AND finding_state = 'remedied' ORDER BY inspection_finding_key;
-- The rounds of this year and the next, by the decision's days (Điều 7); councils meet for the next one.
INSERT INTO workflow.round (code, proposals_until, decide_until, note)
SELECT format('%s-%s', y, n), make_date(y, CASE n WHEN 1 THEN 4 ELSE 10 END, 30), make_date(y, CASE n WHEN 1 THEN 6 ELSE 12 END, 30), 'Đợt mẫu'
FROM generate_series(extract(year FROM pg_temp.today())::integer, extract(year FROM pg_temp.today())::integer + 1) y, generate_series(1, 2) n
ON CONFLICT DO NOTHING;
INSERT INTO ocop.council_session (external_id, council_key, session_date, session_mode)
SELECT 'demo-session-2', council_key, pg_temp.today() + 20, 'meeting' FROM ocop.council WHERE external_id = 'demo-council-1'
