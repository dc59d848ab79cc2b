-- Group 2.
UPDATE ocop.producer p SET
    producer_code = format('CT-%s', lpad(o.i::text, 5, '0')), tax_code = '00' || lpad(o.i::text, 8, '0'), business_reg_no = format('55%s (mẫu)', lpad(o.i::text, 6, '0')),
    business_reg_date = o.registered_on - pg_temp.whole('reg', o.i, 100, 3000), business_reg_authority = 'Phòng Đăng ký kinh doanh (mẫu)',
    established_date = o.registered_on - pg_temp.whole('est', o.i, 3000, 6000), history_note = 'Lịch sử mẫu: không có thật.',
    organisation_chart_file = pg_temp.file_of('chart', o.i), charter_capital_vnd = pg_temp.whole('capital', o.i, 1, 200) * 50000000::bigint,
    local_capital_share_pct = pg_temp.whole('local', o.i, 20, 100), head_office_address = format('Số %s, đường Mẫu', o.i),
    head_office_unit_code = u.code, head_office_geom = o.facility_geom,
    phone = '0000 1' || lpad(o.i::text, 5, '0'), email = format('ct%s@mau.invalid', o.i), website_url = format('https://ct%s.mau.invalid/', o.i),
    social_media_url = format('https://xahoi.mau.invalid/ct%s', o.i), operating_status = CASE WHEN o.i % 40 = 7 THEN 'suspended' ELSE 'active' END
FROM of_producer o LEFT JOIN geo.admin_unit u ON u.unit_key = o.unit_key WHERE p.producer_key = o.producer_key;
INSERT INTO ocop.representative (external_id, producer_key, legal_rep_name, legal_rep_position, legal_rep_gender, contact_person_name, contact_person_phone,
                                 privacy_consent_version, privacy_consent_at)
SELECT format('demo-representative-%s', i), producer_key, pg_temp.person('rep', i), CASE kind WHEN 'household' THEN 'Chủ hộ' ELSE 'Giám đốc' END,
       pg_temp.pick('gender', i, '{female,male,male}'), pg_temp.person('contact', i), '0000 2' || lpad(i::text, 5, '0'), '2026-1',
       least(registered_on + 3, pg_temp.today())::timestamptz
FROM of_producer ORDER BY i;
INSERT INTO ocop.representative_private (external_id, representative_key, legal_rep_ethnicity, legal_rep_disability, legal_rep_permanent_address, legal_rep_identity_no)
SELECT replace(r.external_id, 'representative', 'private'), r.representative_key, pg_temp.pick('ethnic', o.i, '{Kinh,Kinh,Kinh,Khmer,Hoa}'), o.i % 25 = 3,
       format('Nhà số %s, ấp Mẫu', o.i), pg_temp.sealed('identity', o.i)
FROM of_producer o JOIN ocop.representative r USING (producer_key) WHERE r.external_id LIKE 'demo-%' ORDER BY o.i;
INSERT INTO ocop.business_year (external_id, producer_key, report_year, member_count, worker_count, worker_commune_count, worker_insured_count, worker_female_count,
                                worker_avg_income_vnd, revenue_vnd, profit_vnd, cooperative_rating, financial_report_file)
SELECT format('demo-year-%s-%s', i, y), producer_key, y, CASE WHEN kind = 'cooperative' THEN 10 + i % 60 END, 24 + i % 40, 4 + i % 12, 2 + i % 6, 3 + i % 20,
       6000000 + i % 9 * 500000, (1 + i % 90) * 100000000::bigint * (y - 2023), (i % 30 - 3) * 10000000::bigint,
       CASE WHEN kind = 'cooperative' THEN pg_temp.pick('rating', i, '{good,fair,fair,average}') END, pg_temp.file_of('report' || y, i)
FROM of_producer, generate_series(2024, 2025) y ORDER BY i, y;
INSERT INTO ocop.insured_worker (external_id, business_year_key, worker_name, worker_residence, worker_in_commune, worker_insurance_no)
SELECT format('demo-worker-%s-%s', o.i, n), b.business_year_key, pg_temp.person('worker' || n, o.i), format('Nhà số %s, ấp Thử', o.i * 10 + n), n = 1,
       pg_temp.sealed('insurance' || n, o.i)
FROM of_producer o JOIN ocop.business_year b ON b.producer_key = o.producer_key AND b.report_year = 2025, generate_series(1, 2) n ORDER BY o.i, n;
INSERT INTO ocop.facility (external_id, producer_key, facility_name, facility_role, facility_unit_code, facility_geom, facility_capacity, facility_capacity_unit,
                           food_safety_cert_no, food_safety_cert_issuer, food_safety_cert_expiry, environment_document_kind, environment_document_no,
                           waste_treatment_note, green_technology_note)
SELECT format('demo-facility-%s', o.i), o.producer_key, 'Cơ sở của ' || o.name, pg_temp.pick('role', o.i, '{processing,processing,pre_processing,packing,storage}'),
       u.code, o.facility_geom, 5 + o.i % 200, 'tấn/năm', format('%s/ATTP (mẫu)', o.i), 'Chi cục Quản lý chất lượng (mẫu)',
       pg_temp.today() + pg_temp.whole('attp', o.i, -60, 900), pg_temp.pick('env', o.i, '{registration,permit,protection_plan,exempt}'), format('%s/MT (mẫu)', o.i),
       'Hố lắng và ủ phân (mẫu)', 'Sấy năng lượng mặt trời (mẫu)'
FROM of_producer o LEFT JOIN geo.admin_unit u ON u.unit_key = o.unit_key ORDER BY o.i;
INSERT INTO ocop.support (external_id, producer_key, support_programme, support_amount_vnd, digital_model_code, training_course, training_date, training_attendee_count)
SELECT format('demo-support-%s', i), producer_key, 'Chương trình OCOP (mẫu)', (1 + i % 20) * 5000000, 'model_' || 1 + i % 9, 'Ghi nhật ký điện tử (mẫu)',
       pg_temp.today() - pg_temp.whole('course', i, 30, 700), 1 + i % 5
FROM of_producer WHERE i % 3 = 0 ORDER BY i
