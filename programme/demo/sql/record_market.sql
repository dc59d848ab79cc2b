-- Group 6. The GTINs begin with 020, for restricted circulation: nobody's number.
INSERT INTO trace.identifier (external_id, producer_key, product_key, facility_key, lot_key, gtin, gln, gs1_company_prefix, trace_lot_code, serial_no, digital_link_uri, resolver_target)
SELECT format('demo-identifier-%s', o.i), l.producer_key, o.product_key, f.facility_key, l.lot_key, '0' || g.gtin13, pg_temp.gs1('0299' || lpad(o.i::text, 8, '0')), '0200000',
       l.batch_lot_no, 'S' || o.i, format('https://id.mau.invalid/01/0%s/10/%s/21/S%s', g.gtin13, l.batch_lot_no, o.i), 'https://mau.invalid/san-pham/' || o.i
FROM of_product o JOIN trace.lot l USING (product_key) LEFT JOIN ocop.facility f ON f.producer_key = o.producer_key,
     LATERAL (SELECT pg_temp.gs1('0200' || lpad(o.i::text, 8, '0')) AS gtin13) g
WHERE l.external_id LIKE 'demo-%' ORDER BY o.i;
INSERT INTO trace.label_print (external_id, lot_key, label_template, label_symbology, label_width_mm, label_height_mm, label_quantity, label_printed_at, label_printer_name,
                               label_operator, label_void_quantity)
SELECT replace(external_id, 'lot', 'print'), lot_key, 'tem-50x30', 'qr', 50, 30, 200, batch_date + interval '8 hours', 'Máy in mẫu', pg_temp.person('operator', lot_key), lot_key % 5
FROM trace.lot WHERE external_id LIKE 'demo-lot-%' AND product_key IS NOT NULL ORDER BY lot_key;
INSERT INTO trace.event (external_id, producer_key, lot_key, event_id, event_type, event_time, event_timezone_offset, event_action, event_biz_step, event_disposition,
                         event_read_point, event_biz_location, event_input_lot, event_output_lot, event_quantity, event_uom, event_error_declared, national_portal_sync)
SELECT format('demo-event-%s-%s', l.lot_key, kind), l.producer_key, l.lot_key, format('urn:uuid:%s', md5('demo' || l.external_id || kind)::uuid), kind,
       l.batch_date + hours * interval '1 hour', '+07:00', action, step, disposition, 'urn:mau:diem-' || l.producer_key, 'urn:mau:co-so-' || l.producer_key,
       CASE kind WHEN 'transformation' THEN i.batch_input_lot_no END, l.batch_lot_no, l.batch_output_quantity, 'KGM', l.lot_key % 500 = 1,
       pg_temp.pick('sync', l.lot_key, '{pending,sent,sent,failed}')
FROM trace.lot l LEFT JOIN trace.lot_input i USING (lot_key),
     (VALUES ('transformation', 6, NULL, 'commissioning', 'active'), ('aggregation', 9, 'add', 'packing', 'in_progress'), ('object', 30, 'observe', 'shipping', 'in_transit'))
     e (kind, hours, action, step, disposition)
WHERE l.external_id LIKE 'demo-lot-%' AND l.product_key IS NOT NULL ORDER BY l.lot_key, hours;
INSERT INTO trace.scan (external_id, lot_key, scan_at, scan_region, scan_suspicious)
SELECT format('demo-scan-%s-%s', lot_key, n), lot_key, batch_date + n * interval '30 hours', pg_temp.pick('region', lot_key * 4 + n, '{Đồng bằng sông Cửu Long,Đông Nam Bộ,Miền Bắc}'),
       (lot_key + n) % 97 = 0
FROM trace.lot, generate_series(1, 3) n WHERE external_id LIKE 'demo-lot-%' AND product_key IS NOT NULL ORDER BY lot_key, n;
INSERT INTO trace.recall (external_id, lot_key, recall_no, recall_reason, recall_lot)
SELECT replace(external_id, 'lot', 'recall'), lot_key, format('%s/TH (mẫu)', lot_key), 'Sai nhãn (mẫu)', batch_lot_no
FROM trace.lot WHERE external_id LIKE 'demo-lot-%' AND product_key IS NOT NULL ORDER BY lot_key LIMIT 3;
INSERT INTO ocop.sale (external_id, product_key, channel_kind, agent_count, store_url, sales_month, sales_quantity, sales_value_vnd, export_country, export_contract_no,
                       export_value_usd, hs_code)
SELECT format('demo-sale-%s-%s-%s', i, channel, m), product_key, channel, CASE channel WHEN 'agent' THEN 3 + i % 9 END,
       CASE channel WHEN 'e_commerce' THEN format('https://cho.mau.invalid/%s', i) END, (date_trunc('month', pg_temp.today()) - m * interval '1 month')::date, 20 + i % 300,
       (20 + i % 300) * 40000, CASE channel WHEN 'export' THEN pg_temp.pick('country', i, '{CN,US,JP,KR}') END, CASE channel WHEN 'export' THEN format('XK-%s (mẫu)', i) END,
       CASE channel WHEN 'export' THEN 1500 + i % 900 END, CASE channel WHEN 'export' THEN '170490' END
FROM of_product, (VALUES ('agent', 2), ('e_commerce', 4), ('export', 20)) c (channel, every), generate_series(1, 2) m WHERE i % every = 1 ORDER BY i, channel, m;
INSERT INTO ocop.promotion (external_id, producer_key, promotion_name, promotion_scope, promotion_date)
SELECT format('demo-promotion-%s', i), producer_key, 'Hội chợ mẫu ' || i % 12, pg_temp.pick('fair', i, '{province,national,international}'), pg_temp.today() - pg_temp.whole('fairday', i, 10, 500)
FROM of_producer WHERE i % 2 = 1 ORDER BY i;
INSERT INTO ocop.market_price (external_id, market_commodity, market_price_vnd, market_price_date, market_price_source)
SELECT format('demo-price-%s-%s', commodity, n), commodity, base * (90 + pg_temp.whole(commodity, n, 0, 20)) / 100, pg_temp.today() - 7 * n, 'Giá mẫu, không có thật'
FROM (VALUES ('Dừa khô', 9000), ('Bưởi da xanh', 40000), ('Tôm thẻ', 110000)) c (commodity, base), generate_series(0, 25) n ORDER BY commodity, n;
INSERT INTO ocop.customer_review (external_id, product_key, customer_rating, customer_comment, moderation_state)
SELECT format('demo-review-%s', i), product_key, pg_temp.whole('rating', i, 2, 5), 'Ngon (mẫu)', pg_temp.pick('shown', i, '{shown,shown,pending,hidden}')
FROM of_product WHERE i % 3 = 1 ORDER BY i
