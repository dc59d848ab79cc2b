-- Group 3.
UPDATE ocop.product p SET
    product_code = format('83-%s-%s-%s', 28700 + o.i % 400, o.i, extract(year FROM o.registered_on)), product_name_en = 'Sample product ' || o.i,
    brand_name = pg_temp.pick('brand', o.i, '{Hương Mẫu,Miệt Mẫu,Sông Mẫu}'), rubric_set_no = c.set_no, managing_ministry = 'Bộ Nông nghiệp và Môi trường (mẫu)',
    product_kind = CASE WHEN c.set_no = 26 THEN 'service' ELSE 'goods' END, description_en = 'Invented, for the demo only', ingredient_list = 'Nguyên liệu mẫu 70 %, đường 30 %',
    local_material_pct = pg_temp.whole('material', o.i, 30, 100), grown_in_commune_pct = pg_temp.whole('grown', o.i, 20, 100),
    idea_origin_kind = pg_temp.pick('idea', o.i, '{common,common_distinct,provincial,local_specialty,new_local}'), stable_trade_months = pg_temp.whole('trade', o.i, 6, 90),
    processing_level = pg_temp.pick('level', o.i, '{raw,simple,processed,deep}'), technology_note = 'Sấy lạnh (mẫu)', specification_note = 'Hộp giấy (mẫu)',
    net_content = 50 * (1 + o.i % 20), net_content_unit = 'g', shelf_life_days = 90 + o.i % 300, storage_condition = 'Nơi khô mát', usage_instruction = 'Dùng ngay',
    packaging_kind = 'Hộp giấy', packaging_eco = o.i % 3 = 0, label_file = pg_temp.file_of('label', o.i), label_bilingual = o.i % 2 = 0, label_trace_code = o.i % 4 < 2,
    retail_price_vnd = 5000 * (2 + o.i % 60), price_date = least(o.registered_on + 30, pg_temp.today()), annual_output = 100 * (1 + o.i % 80), annual_output_unit = 'kg',
    product_revenue_vnd = 1000000 * (50 + o.i % 900), photo_file = pg_temp.file_of('photo', o.i), video_url = format('https://phim.mau.invalid/%s', o.i)
FROM of_product o LEFT JOIN ocop.product_class c ON c.class_code = o.class_code WHERE p.product_key = o.product_key;
UPDATE ocop.certificate c SET certificate_serial = format('GCN-%s (mẫu)', c.certificate_key - (SELECT min(certificate_key) FROM ocop.certificate WHERE external_id LIKE 'demo-%') + 1),
    original_valid_to = CASE WHEN o.i % 50 = 1 THEN c.valid_to - 90 END,
    revocation_reason_code = CASE WHEN c.revoked_on IS NOT NULL THEN 'law_broken' END,
    revocation_decision_no = CASE WHEN c.revoked_on IS NOT NULL THEN format('%s/QĐ-TH (mẫu)', o.i) END
FROM of_product o WHERE o.product_key = c.product_key AND o.i <= 1000 AND c.external_id LIKE 'demo-%';
INSERT INTO ocop.product_story (external_id, product_key, story_text_vi, story_text_en, story_channel, local_identity_note)
SELECT format('demo-story-%s', i), product_key, 'Câu chuyện mẫu, không có thật, về ' || name, 'An invented story', pg_temp.pick('channel', i, '{leaflet,website,trace}'), 'Nghề truyền thống (mẫu)'
FROM of_product WHERE i % 2 = 1 ORDER BY i;
INSERT INTO ocop.quality_document (external_id, product_key, declaration_kind, declaration_no, declaration_date, standard_kind, standard_no, test_report_no, test_lab_name,
                                   test_date, test_indicator_summary, nutrition_indicator_count, certificate_kind, certificate_no, certificate_body, certificate_expiry)
SELECT format('demo-quality-%s', i), product_key, pg_temp.pick('decl', i, '{self_declared,self_declared,registered}'), format('%s/TCB (mẫu)', i), least(registered_on + 5, pg_temp.today()),
       pg_temp.pick('std', i, '{tccs,tcvn,qcvn,international}'), format('TCCS %s:2025 (mẫu)', i), format('KN-%s (mẫu)', i), 'Phòng thử nghiệm mẫu', registered_on - 20,
       'Chì, cadimi, vi sinh: đạt (mẫu)', 4 + i % 5, pg_temp.pick('cert', i, '{vietgap,globalgap,organic,haccp,iso_22000,halal}'), format('CN-%s (mẫu)', i), 'Tổ chức chứng nhận mẫu',
       pg_temp.today() + pg_temp.whole('certend', i, -100, 1000)
FROM of_product ORDER BY i;
INSERT INTO ocop.intellectual_property (external_id, product_key, ip_kind, ip_document_no, ip_status, ip_expiry, gi_use_right_no)
SELECT format('demo-ip-%s', i), product_key, pg_temp.pick('ip', i, '{trademark,trademark,collective_mark,geographical_indication,design}'), format('4-0000-%s (mẫu)', i),
       pg_temp.pick('ips', i, '{accepted,granted,granted,lapsed}'), pg_temp.today() + pg_temp.whole('ipend', i, -300, 3000), CASE WHEN i % 6 = 1 THEN format('%s/CDĐL (mẫu)', i) END
FROM of_product WHERE i % 3 = 1 ORDER BY i;
INSERT INTO ocop.award (external_id, product_key, award_name, award_year)
SELECT format('demo-award-%s', i), product_key, 'Giải thưởng mẫu', pg_temp.whole('award', i, 2018, 2025) FROM of_product WHERE i % 10 = 1 ORDER BY i
