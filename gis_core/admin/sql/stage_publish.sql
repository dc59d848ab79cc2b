-- From the staging tables into the record: provinces, then districts, then communes, each under the version of its
-- parent in force on its first day; then the crosswalk.
INSERT INTO geo.admin_unit (level, code, name, short_name, type, valid_from, valid_to, legal_document, area_km2_official,
                            geometry_state, geometry_source, geometry_note, geom)
SELECT level, code, name, short_name, type, valid_from, valid_to, legal_document, area_km2_official,
       geometry_state, geometry_source, geometry_note, ST_Multi(geom)
FROM stage_unit WHERE level = 'province' ORDER BY valid_from, code;

INSERT INTO geo.admin_unit (level, code, name, short_name, type, parent_key, valid_from, valid_to, legal_document, area_km2_official,
                            geometry_state, geometry_source, geometry_note, geom)
SELECT s.level, s.code, s.name, s.short_name, s.type, p.unit_key, s.valid_from, s.valid_to, s.legal_document, s.area_km2_official,
       s.geometry_state, s.geometry_source, s.geometry_note, ST_Multi(s.geom)
FROM stage_unit s
LEFT JOIN geo.admin_unit p ON p.level = 'province' AND p.code = s.parent_code
     AND p.valid_from <= s.valid_from AND (p.valid_to IS NULL OR p.valid_to > s.valid_from)
WHERE s.level = 'district' ORDER BY s.valid_from, s.code;

INSERT INTO geo.admin_unit (level, code, name, short_name, type, parent_key, valid_from, valid_to, legal_document, area_km2_official,
                            geometry_state, geometry_source, geometry_note, geom)
SELECT s.level, s.code, s.name, s.short_name, s.type, p.unit_key, s.valid_from, s.valid_to, s.legal_document, s.area_km2_official,
       s.geometry_state, s.geometry_source, s.geometry_note, ST_Multi(s.geom)
FROM stage_unit s
LEFT JOIN geo.admin_unit p ON p.level IN ('province', 'district') AND p.code = s.parent_code
     AND p.valid_from <= s.valid_from AND (p.valid_to IS NULL OR p.valid_to > s.valid_from)
WHERE s.level = 'commune' ORDER BY s.valid_from, s.code;

INSERT INTO geo.admin_change (old_key, new_key, kind, effective, document, clause, share, confidence)
SELECT o.unit_key, n.unit_key, c.kind, c.effective, c.document, c.clause, c.share, c.confidence
FROM stage_change c
JOIN geo.admin_unit o ON o.level = c.level AND o.code = c.old_code AND o.valid_to = c.effective
JOIN geo.admin_unit n ON n.level = c.level AND n.code = c.new_code AND n.valid_from = c.effective
ORDER BY c.effective, o.code, n.code;
