-- Cells become old communes; new communes, districts and provinces are unions of them.
UPDATE stage_unit s SET geom = f.geom
FROM (SELECT code, ST_Multi(ST_Union(geom)) AS geom FROM schematic_face GROUP BY code) f
WHERE s.level = 'commune' AND s.valid_to IS NOT NULL AND s.code = f.code;
UPDATE stage_unit s SET geom = f.geom
FROM (SELECT c.new_code, ST_Multi(ST_Union(f.geom)) AS geom FROM schematic_face f JOIN stage_change c ON c.old_code = f.code GROUP BY c.new_code) f
WHERE s.level = 'commune' AND s.valid_to IS NULL AND s.code = f.new_code;
UPDATE stage_unit s SET geom = f.geom
FROM (SELECT parent_code, ST_Multi(ST_Union(geom)) AS geom FROM stage_unit WHERE level = 'commune' GROUP BY parent_code) f
WHERE s.level = 'district' AND s.code = f.parent_code;
UPDATE stage_unit s SET geom = f.geom
FROM (SELECT ST_Multi(ST_Union(geom)) AS geom FROM schematic_face) f WHERE s.level = 'province';
UPDATE stage_unit SET geometry_state = 'schematic', geometry_source = 'schematic (synthetic)',
       geometry_note = CASE WHEN level = 'province' AND code = '86' THEN 'Only the part that was Bến Tre is drawn' END,
       legal_document = CASE WHEN valid_from = '2025-07-01' THEN CASE level WHEN 'province' THEN '202/2025/QH15' ELSE '1687/NQ-UBTVQH15' END END
