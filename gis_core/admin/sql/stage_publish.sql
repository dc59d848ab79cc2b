-- From the staging tables into the record: provinces, then districts, then communes, each under the version of its
-- parent in force on its first day; then the crosswalk; then frames counted from what is there.
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

-- A frame lasts as long as the set of communes with their lines does: statuses and names may change inside it.
DELETE FROM geo.frame;
INSERT INTO geo.frame (level, valid_from, valid_to, units, geometry_state, source)
WITH edge AS (
    SELECT DISTINCT level, day FROM geo.admin_unit CROSS JOIN LATERAL (VALUES (valid_from), (valid_to)) d (day)
    WHERE day IS NOT NULL AND geom IS NOT NULL),
span AS (
    SELECT level, day AS from_day, lead(day) OVER (PARTITION BY level ORDER BY day) AS to_day FROM edge),
state AS (
    SELECT s.level, s.from_day, s.to_day, count(*)::integer AS units,
           CASE WHEN bool_or(u.geometry_state = 'schematic') THEN 'schematic'
                WHEN bool_or(u.geometry_state = 'derived') THEN 'derived' ELSE 'surveyed' END AS geometry_state,
           string_agg(DISTINCT u.geometry_source, '; ') AS source,
           md5(string_agg(u.code || md5(u.geom::text), ',' ORDER BY u.code)) AS lines
    FROM span s JOIN geo.admin_unit u ON u.level = s.level AND u.geom IS NOT NULL AND u.valid_from <= s.from_day
         AND (u.valid_to IS NULL OR u.valid_to > s.from_day)
    GROUP BY s.level, s.from_day, s.to_day),
marked AS (
    SELECT *, lag(lines) OVER w IS DISTINCT FROM lines OR lag(to_day) OVER w IS DISTINCT FROM from_day AS starts
    FROM state WINDOW w AS (PARTITION BY level ORDER BY from_day)),
numbered AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY level ORDER BY from_day) AS frame FROM marked)
SELECT level, min(from_day), CASE WHEN bool_or(to_day IS NULL) THEN NULL ELSE max(to_day) END,
       max(units), max(geometry_state), coalesce(max(source), 'not stated')
FROM numbered GROUP BY level, frame;
