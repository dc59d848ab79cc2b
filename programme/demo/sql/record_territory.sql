-- Group 1. What is invented about units is written only where the shapes are invented too.
UPDATE geo.admin_unit u SET
    name_en = initcap(translate(pub.fold(u.short_name), 'đ', 'd')) || CASE u.level WHEN 'province' THEN ' Province' WHEN 'district' THEN ' District' ELSE ' Commune' END,
    area_km2_official = round((ST_Area(u.geom::geography) / 1e6)::numeric, 2),
    population_count = round(ST_Area(u.geom::geography) / 1e6 * 500), population_year = 2024,
    new_rural_status = pg_temp.pick('rural', u.code::bigint, '{none,met,met,advanced,exemplary}'), new_rural_year = pg_temp.whole('ruraly', u.code::bigint, 2014, 2024),
    boundary_accuracy_m = 500, geometry_note = 'sơ đồ, không phải ranh giới thật',
    committee_address = 'Trụ sở UBND ' || u.name || ' (mẫu)', committee_phone = '0000 ' || lpad(u.code, 6, '0')
WHERE u.geometry_state = 'schematic' AND u.population_count IS NULL;
UPDATE geo.admin_change c SET transfer_geom = o.geom
FROM geo.admin_unit o WHERE o.unit_key = c.old_key AND o.geometry_state = 'schematic' AND c.kind = 'merge' AND c.transfer_geom IS NULL
  AND c.change_key IN (SELECT change_key FROM geo.admin_change WHERE kind = 'merge' ORDER BY change_key LIMIT 5);
INSERT INTO geo.hamlet (external_id, hamlet_name, hamlet_unit_code)
SELECT format('demo-hamlet-%s-%s', u.code, n), 'Ấp ' || n, u.code
FROM geo.admin_unit u, generate_series(1, 4) n WHERE u.level = 'commune' AND u.valid_to IS NULL ORDER BY u.code, n;
INSERT INTO geo.map_layer (external_id, layer_code, layer_title_vi, layer_source_crs_epsg, layer_transform_code, layer_scale_denominator, layer_capture_date,
                           layer_owner_agency, layer_access_level)
VALUES ('demo-layer-1', 'communes', 'Xã, phường (mẫu)', 9210, 'EPSG:6960', 10000, '2024-06-01', 'Sở Nông nghiệp và Môi trường (mẫu)', 'public'),
       ('demo-layer-2', 'isohalines', 'Đường đẳng mặn (mẫu)', 9210, 'EPSG:6960', 50000, '2025-04-01', 'Đài Khí tượng Thủy văn (mẫu)', 'internal'),
       ('demo-layer-3', 'cadastre', 'Địa chính (mẫu)', 9210, 'EPSG:5194', 2000, '2019-10-01', 'Văn phòng Đăng ký đất đai (mẫu)', 'restricted');
UPDATE ocop.sales_point SET poi_opening_hours = '07:00-20:00', poi_manager_name = 'Ban quản lý ' || name,
    poi_recognition_no = format('%s/QĐ-SCT (mẫu)', 10 + sales_point_key % 90)
WHERE is_demo AND substr(external_id, 18)::bigint <= 500
