-- New versions from the checked rows: a version that begins on the same day is corrected; an older one ends where the new
-- begins and is linked to it; what is the same already stays.
CREATE TEMP TABLE unit_plan ON COMMIT DROP AS
SELECT r.*, e.unit_key AS old_key, e.valid_from AS old_from, e.valid_to AS old_to,
       (SELECT p.unit_key FROM geo.admin_unit p WHERE p.code = r.parent_code AND p.level < r.level AND p.valid_from <= r.valid_from
          AND (p.valid_to IS NULL OR p.valid_to > r.valid_from) LIMIT 1) AS parent_key,
       e.name AS old_name, e.type AS old_type, e.parent_key AS old_parent_key,
       e.unit_key IS NOT NULL AND e.name = r.name AND e.type = r.type AND e.geom IS NOT NULL AND e.geom = r.geom AND ST_Equals(e.geom, r.geom) AS same
FROM unit_row r
LEFT JOIN geo.admin_unit e ON e.level = r.level AND e.code = r.code AND e.valid_from <= r.valid_from AND (e.valid_to IS NULL OR e.valid_to > r.valid_from);
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'note', 'code', code, 'is in the record already as it stands here' FROM unit_plan WHERE same;
DELETE FROM unit_plan WHERE same;

UPDATE geo.admin_unit u SET name = p.name, type = p.type, parent_key = coalesce(p.parent_key, u.parent_key), geom = p.geom,
       short_name = regexp_replace(p.name, '^(Xã|Phường|Thị trấn|Huyện|Thị xã|Thành phố|Tỉnh) ', ''),
       geometry_state = 'surveyed', geometry_source = (SELECT value FROM import_option WHERE name = 'source')
FROM unit_plan p WHERE u.unit_key = p.old_key AND p.old_from = p.valid_from;
UPDATE geo.admin_unit u SET valid_to = p.valid_from FROM unit_plan p WHERE u.unit_key = p.old_key AND p.old_from < p.valid_from;
WITH added AS (
    INSERT INTO geo.admin_unit (level, code, name, short_name, type, parent_key, valid_from, valid_to, legal_document, area_km2_official,
                                geometry_state, geometry_source, geom)
    SELECT level, code, name, regexp_replace(name, '^(Xã|Phường|Thị trấn|Huyện|Thị xã|Thành phố|Tỉnh) ', ''), type, parent_key, valid_from,
           coalesce(valid_to, old_to), (SELECT nullif(value, '') FROM import_option WHERE name = 'document'), area_km2_official::numeric,
           'surveyed', (SELECT value FROM import_option WHERE name = 'source'), geom
    FROM unit_plan WHERE old_key IS NULL OR old_from < valid_from ORDER BY code
    RETURNING unit_key, code)
INSERT INTO geo.admin_change (old_key, new_key, kind, effective, document)
SELECT p.old_key, a.unit_key,
       CASE WHEN p.old_type <> p.type THEN 'status' WHEN p.old_name <> p.name THEN 'rename'
            WHEN p.parent_key IS DISTINCT FROM p.old_parent_key THEN 'parent' ELSE 'geometry' END,
       p.valid_from, (SELECT nullif(value, '') FROM import_option WHERE name = 'document')
FROM unit_plan p JOIN added a USING (code) WHERE p.old_key IS NOT NULL;
-- What the older version led to, the newer leads to.
UPDATE geo.admin_change c SET old_key = n.unit_key
FROM unit_plan p JOIN geo.admin_unit n ON n.level = p.level AND n.code = p.code AND n.valid_from = p.valid_from
WHERE c.old_key = p.old_key AND p.old_from < p.valid_from AND c.effective > p.valid_from;
SELECT count(*) FROM unit_row
