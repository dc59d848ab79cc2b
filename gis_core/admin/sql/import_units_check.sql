-- Units of one level at one date. Options: level, valid_from, valid_to, overlap_m2, coverage, parent_field.
CREATE TEMP TABLE unit_row ON COMMIT DROP AS
SELECT r.line, coalesce(r.data->>'code', r.data->>'gso_code') AS code, r.data->>'name' AS name, lower(r.data->>'type') AS type, r.geom,
       coalesce(r.data->>'parent_code', r.data->>'district_code', r.data->>'province_code') AS parent_code, r.data->>'district' AS district,
       (r.data->>'area_km2_official') AS area_km2_official,
       (SELECT value::geo.unit_level FROM import_option WHERE name = 'level') AS level,
       (SELECT value::date FROM import_option WHERE name = 'valid_from') AS valid_from,
       (SELECT nullif(value, '')::date FROM import_option WHERE name = 'valid_to') AS valid_to
FROM raw_feature r;
-- A name without a code finds the code of the unit so named on that day.
UPDATE unit_row u SET code = f.code
FROM (SELECT u.line, min(c.code) AS code FROM unit_row u CROSS JOIN LATERAL geo.communes_named(u.name, coalesce(u.parent_code, u.district), u.valid_from) c
      WHERE u.level = 'commune' AND u.code IS NULL AND u.name IS NOT NULL GROUP BY u.line HAVING count(*) = 1) f
WHERE f.line = u.line;
UPDATE unit_row SET type = lower((regexp_match(name, '^(Xã|Phường|Thị trấn|Huyện|Thị xã|Thành phố|Tỉnh) ', 'i'))[1]) WHERE type IS NULL;
-- The unit of that code on that day lends what the file does not say.
UPDATE unit_row r SET type = coalesce(r.type, u.type),
       name = CASE WHEN r.type IS NULL AND pub.name_key(u.short_name) = pub.name_key(r.name) THEN u.name ELSE r.name END,
       parent_code = coalesce(r.parent_code, p.code)
FROM geo.admin_unit u LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
WHERE u.level = r.level AND u.code = r.code AND u.valid_from <= r.valid_from AND (u.valid_to IS NULL OR u.valid_to > r.valid_from);

INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'name', name, CASE WHEN name IS NULL THEN 'there is no name' ELSE 'a literal \u escape stands for a letter: the file was written wrongly' END
FROM unit_row WHERE name IS NULL OR name ~ '\\u[0-9a-fA-F]{4}';
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'code', name,
       CASE (SELECT count(*) FROM geo.communes_named(u.name, coalesce(u.parent_code, u.district), u.valid_from))
            WHEN 0 THEN 'there is no code, and no unit bears this name on ' || u.valid_from
            ELSE 'there is no code, and several units bear this name on ' || u.valid_from || ': give the district' END
FROM unit_row u WHERE code IS NULL AND name IS NOT NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'code', code, 'a code has 2 (province), 3 (district) or 5 (commune) digits; this is not one of a ' || level
FROM unit_row WHERE length(code) <> CASE level WHEN 'province' THEN 2 WHEN 'district' THEN 3 ELSE 5 END OR code !~ '^[0-9]+$';
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'type', type, 'must be xã, phường, thị trấn, huyện, thị xã, thành phố or tỉnh'
FROM unit_row WHERE type IS NULL OR type NOT IN ('xã', 'phường', 'thị trấn', 'huyện', 'thị xã', 'thành phố', 'tỉnh');
INSERT INTO issue (line, severity, field, value, reason)
SELECT u.line, 'refused', 'parent_code', u.parent_code, 'no district or province has this code on ' || u.valid_from
FROM unit_row u WHERE u.parent_code IS NOT NULL AND NOT EXISTS (
    SELECT FROM geo.admin_unit p WHERE p.code = u.parent_code AND p.level < u.level AND p.valid_from <= u.valid_from AND (p.valid_to IS NULL OR p.valid_to > u.valid_from));
-- Code and name clashes at one date: inside the file …
INSERT INTO issue (line, severity, field, value, reason)
SELECT u.line, 'refused', 'code', u.code, 'the same code stands on line ' || o.line
FROM unit_row u JOIN LATERAL (SELECT min(line) AS line FROM unit_row o WHERE o.code = u.code AND o.line < u.line) o ON o.line IS NOT NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT u.line, 'refused', 'name', u.name, 'the same name under the same parent stands on line ' || o.line
FROM unit_row u JOIN LATERAL (SELECT min(line) AS line FROM unit_row o WHERE pub.name_key(o.name) = pub.name_key(u.name)
     AND o.parent_code IS NOT DISTINCT FROM u.parent_code AND o.code <> u.code AND o.line < u.line) o ON o.line IS NOT NULL;
-- … and against the record.
INSERT INTO issue (line, severity, field, value, reason)
SELECT u.line, 'refused', 'code', u.code, 'another version of this code begins on ' || o.valid_from || ', inside the validity given'
FROM unit_row u JOIN geo.admin_unit o ON o.level = u.level AND o.code = u.code AND o.valid_from > u.valid_from
     AND o.valid_from < coalesce(u.valid_to, 'infinity')
WHERE NOT EXISTS (SELECT FROM geo.admin_unit e WHERE e.level = u.level AND e.code = u.code AND e.valid_from <= u.valid_from AND e.valid_to > u.valid_from);

UPDATE unit_row u SET geom = r.geom FROM raw_feature r WHERE r.line = u.line;   -- as repaired
DELETE FROM unit_row u WHERE EXISTS (SELECT FROM issue i WHERE i.severity = 'refused' AND i.line = u.line);
CREATE INDEX ON unit_row USING gist (geom);

-- Overlaps larger than the tolerance mean that the lines contradict each other: the file is refused.
CREATE TEMP TABLE overlap ON COMMIT DROP AS
SELECT a.line, a.code, b.line AS other_line, b.code AS other_code, ST_Area(ST_Intersection(a.geom, b.geom)::geography) AS m2
FROM unit_row a JOIN unit_row b ON a.line < b.line AND a.geom && b.geom AND ST_Intersects(a.geom, b.geom);
DELETE FROM overlap WHERE m2 <= (SELECT value::float8 FROM import_option WHERE name = 'overlap_m2');
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'note', 'geometry', code, 'overlaps ' || other_code || ' (line ' || other_line || ') by ' || round(m2::numeric) || ' m²'
FROM overlap ORDER BY m2 DESC;
INSERT INTO issue (line, severity, field, value, reason)
SELECT NULL, 'refused', 'geometry', count(*) || ' pairs',
       'units of one date overlap by more than ' || (SELECT value FROM import_option WHERE name = 'overlap_m2') || ' m², ' || round((sum(m2) / 10000)::numeric, 1)
       || ' ha together; the lines contradict each other'
FROM overlap HAVING count(*) > 0;
-- Overlaps with units of the record that the file does not replace: listed, the record may be the one that is wrong.
INSERT INTO issue (line, severity, field, value, reason)
SELECT r.line, 'note', 'geometry', r.code, 'overlaps ' || u.name || ' (' || u.code || ') of the record by ' || round(a.m2::numeric) || ' m²'
FROM unit_row r
JOIN geo.admin_unit u ON u.level = r.level AND u.geom && r.geom AND u.valid_from <= r.valid_from AND (u.valid_to IS NULL OR u.valid_to > r.valid_from)
     AND NOT EXISTS (SELECT FROM unit_row o WHERE o.code = u.code)
CROSS JOIN LATERAL (SELECT ST_Area(ST_Intersection(r.geom, u.geom)::geography) AS m2) a
WHERE a.m2 > (SELECT value::float8 FROM import_option WHERE name = 'overlap_m2');
-- Holes between the units of the file.
INSERT INTO issue (line, severity, field, value, reason)
SELECT NULL, 'note', 'geometry', count(*) || ' gaps', 'land between the units belongs to none: ' || round((sum(m2) / 10000)::numeric, 2) || ' ha together'
FROM (SELECT ST_Area(ST_MakePolygon(ST_InteriorRingN(part.geom, n))::geography) AS m2
      FROM (SELECT (ST_Dump(ST_Union(geom))).geom FROM unit_row) part, generate_series(1, ST_NumInteriorRings(part.geom)) n) hole
WHERE m2 > (SELECT value::float8 FROM import_option WHERE name = 'overlap_m2') HAVING count(*) > 0;
-- Children that leave their parent by more than 1 % (published outlines differ in detail).
INSERT INTO issue (line, severity, field, value, reason)
SELECT u.line, 'note', 'geometry', u.code, round((outside / whole * 100)::numeric, 1) || ' % lies outside ' || p.name
FROM unit_row u
JOIN geo.admin_unit p ON p.code = u.parent_code AND p.level < u.level AND p.valid_from <= u.valid_from AND (p.valid_to IS NULL OR p.valid_to > u.valid_from)
CROSS JOIN LATERAL (SELECT ST_Area(ST_Difference(u.geom, p.geom)::geography) AS outside, ST_Area(u.geom::geography) AS whole) a
WHERE p.geom IS NOT NULL AND outside > 0.01 * whole;
-- Declared coverage: the file says it fills that unit.
INSERT INTO issue (line, severity, field, value, reason)
SELECT NULL, 'note', 'coverage', p.code,
       round((ST_Area(ST_Difference(p.geom, (SELECT ST_Union(geom) FROM unit_row))::geography) / ST_Area(p.geom::geography) * 100)::numeric, 1)
       || ' % of ' || p.name || ' is not covered by the file'
FROM geo.admin_unit p, import_option o, (SELECT min(valid_from) AS day FROM unit_row) d
WHERE o.name = 'coverage' AND p.code = o.value AND p.geom IS NOT NULL AND p.valid_from <= d.day AND (p.valid_to IS NULL OR p.valid_to > d.day)
  AND EXISTS (SELECT FROM unit_row)
