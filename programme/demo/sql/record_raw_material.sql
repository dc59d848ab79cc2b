-- Group 4.
UPDATE geo.zone z SET
    producer_key = p.producer_key, zone_kind = CASE WHEN o.crop IN ('shrimp', 'clam') THEN 'aquaculture' ELSE 'cultivation' END, variety_name = 'Giống mẫu',
    zone_area_declared_ha = round(o.area_ha::numeric, 1) + 0.1, farmer_count = 5 + o.i % 60, growing_area_code = format('VN-BTOR-%s (mẫu)', lpad(o.i::text, 4, '0')),
    growing_area_market = pg_temp.pick('market', o.i, '{CN,US,EU,JP}'), growing_area_issue_date = o.valid_from,
    growing_area_status = pg_temp.pick('gas', o.i, '{valid,valid,valid,suspended,withdrawn}'), packing_house_code = format('VN-BTPH-%s (mẫu)', lpad((o.i % 90)::text, 3, '0')),
    zone_certificate_kind = pg_temp.pick('zc', o.i, '{vietgap,globalgap,organic}'), zone_certified_area_ha = round(o.area_ha::numeric / 2, 1),
    zone_certificate_expiry = pg_temp.today() + pg_temp.whole('zend', o.i, -200, 900)
FROM of_zone o LEFT JOIN of_producer p ON p.i = 1 + (o.i - 1) % (SELECT count(*) FROM of_producer) WHERE z.zone_key = o.zone_key;
INSERT INTO geo.plot (external_id, zone_key, producer_key, plot_code, plot_geom, plot_area_ha, farmer_name, cadastral_sheet_no, cadastral_parcel_no, planting_year, tree_count,
                      intercrop_name, irrigation_source, salinity_risk_class, salinity_max_g_l, survey_accuracy_m, survey_date)
SELECT format('demo-plot-%s-%s', o.i, n), o.zone_key, z.producer_key, format('T%s-%s', o.i, n), ST_Multi(ST_MakeEnvelope(x, y, x + 0.0005, y + 0.0005, 4326)),
       round((ST_Area(ST_MakeEnvelope(x, y, x + 0.0005, y + 0.0005, 4326)::geography) / 10000)::numeric, 4), pg_temp.person('farmer' || n, o.i), (1 + o.i % 60)::text,
       (100 + o.i % 800)::text, pg_temp.whole('plant', o.i * 2 + n, 1995, 2022), 20 + o.i % 50, 'Ca cao (mẫu)', 'Sông (mẫu)',
       pg_temp.pick('salt', o.i, '{none,low,medium,high}'), round((pg_temp.r('salt', o.i) * 8)::numeric, 1), 3, pg_temp.today() - pg_temp.whole('survey', o.i, 10, 300)
FROM of_zone o JOIN geo.zone z USING (zone_key), generate_series(1, 2) n,
     LATERAL (SELECT round(ST_X(o.inside)::numeric, 6)::float8 + n * 0.0006 AS x, round(ST_Y(o.inside)::numeric, 6)::float8 AS y) c ORDER BY o.i, n;
INSERT INTO ocop.season (external_id, plot_key, season_code, season_start, season_end, expected_yield_t, actual_yield_t)
SELECT replace(p.external_id, 'plot', 'season'), p.plot_key, 'V' || to_char(pg_temp.today() - 200, 'YYYY') || '-1', pg_temp.today() - 200, pg_temp.today() - 20,
       2 + p.tree_count * 0.02, 1.8 + p.tree_count * 0.02
FROM geo.plot p WHERE p.external_id LIKE 'demo-%' ORDER BY p.plot_key;
INSERT INTO ocop.diary_entry (external_id, season_key, activity_date, activity_kind, input_name, input_active_ingredient, input_dose, input_dose_unit, pre_harvest_interval_days,
                              harvest_quantity, harvest_lot_no)
SELECT format('%s-%s', replace(s.external_id, 'season', 'diary'), kind), s.season_key, s.season_start + days, kind,
       CASE kind WHEN 'fertilising' THEN 'Phân hữu cơ (mẫu)' WHEN 'spraying' THEN 'Chế phẩm sinh học (mẫu)' END, CASE kind WHEN 'spraying' THEN 'Hoạt chất mẫu' END,
       CASE WHEN kind IN ('fertilising', 'spraying') THEN 1.5 END, CASE WHEN kind IN ('fertilising', 'spraying') THEN 'kg/ha' END, CASE kind WHEN 'spraying' THEN 14 END,
       CASE kind WHEN 'harvest' THEN 1200 END, CASE kind WHEN 'harvest' THEN 'H' || s.season_key END
FROM ocop.season s, (VALUES ('fertilising', 20), ('spraying', 60), ('irrigation', 90), ('harvest', 175)) a (kind, days)
WHERE s.external_id LIKE 'demo-%' ORDER BY s.season_key, days;
INSERT INTO ocop.linkage_contract (external_id, producer_key, zone_key, contract_no, contract_partner_name, contract_start, contract_end, contract_output_share_pct, contract_file)
SELECT format('demo-contract-%s', o.i), z.producer_key, o.zone_key, format('%s/HĐLK (mẫu)', o.i), 'Đối tác mẫu ' || o.i, o.valid_from, o.valid_from + 730,
       pg_temp.pick('share', o.i, '{40,50,60,75,80}')::numeric, pg_temp.file_of('contract', o.i)
FROM of_zone o JOIN geo.zone z USING (zone_key) WHERE z.producer_key IS NOT NULL ORDER BY o.i;
INSERT INTO trace.lot (external_id, producer_key, plot_key, batch_lot_no, batch_date, batch_output_quantity, batch_qc_result)
SELECT replace(d.external_id, 'diary', 'lot-harvest'), p.producer_key, p.plot_key, d.harvest_lot_no, d.activity_date, d.harvest_quantity, 'passed'
FROM ocop.diary_entry d JOIN ocop.season s USING (season_key) JOIN geo.plot p USING (plot_key)
WHERE d.external_id LIKE 'demo-%' AND d.harvest_lot_no IS NOT NULL AND p.producer_key IS NOT NULL ORDER BY d.diary_entry_key;
INSERT INTO trace.lot (external_id, producer_key, product_key, batch_lot_no, batch_date, batch_output_quantity, batch_loss_pct, batch_expiry_date, batch_qc_result)
SELECT format('demo-lot-%s', i), producer_key, product_key, format('L%s-%s', to_char(pg_temp.today() - 10, 'YYYYMMDD'), i), pg_temp.today() - 10, 300 + i % 50, 5 + i % 10,
       pg_temp.today() + 180, pg_temp.pick('qc', i, '{passed,passed,passed,pending}')
FROM of_product WHERE i % 2 = 1 ORDER BY i;
INSERT INTO trace.lot_input (external_id, lot_key, input_lot_key, batch_input_lot_no, batch_input_quantity)
SELECT replace(l.external_id, 'lot', 'input'), l.lot_key, h.lot_key, h.batch_lot_no, 400
FROM trace.lot l JOIN LATERAL (SELECT x.lot_key, x.batch_lot_no FROM trace.lot x WHERE x.producer_key = l.producer_key AND x.product_key IS NULL ORDER BY x.lot_key LIMIT 1) h ON true
WHERE l.external_id LIKE 'demo-lot-%' AND l.product_key IS NOT NULL ORDER BY l.lot_key
