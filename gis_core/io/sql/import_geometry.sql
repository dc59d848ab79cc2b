-- import_geometry: every geometry is valid and of the kind wanted, or is made so where that changes less than repair_m2,
-- or its row is refused. Options: geometry ('point', 'polygon', 'line'), geometry_required, repair_m2.
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'geometry', geometry_value, geometry_problem FROM raw_feature WHERE geometry_problem IS NOT NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'geometry', NULL, 'there is no geometry' FROM good_row
WHERE (geom IS NULL OR ST_IsEmpty(geom)) AND (SELECT value FROM import_option WHERE name = 'geometry_required') = 'yes';
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'geometry', GeometryType(geom),
       'a ' || (SELECT value FROM import_option WHERE name = 'geometry') || ' is expected'
FROM good_row
WHERE geom IS NOT NULL AND ST_Dimension(geom) <> (SELECT CASE value WHEN 'point' THEN 0 WHEN 'line' THEN 1 ELSE 2 END FROM import_option WHERE name = 'geometry');
CREATE TEMP TABLE repair ON COMMIT DROP AS
SELECT line, reason, after, abs(ST_Area(after::geography) - ST_Area(geom::geography)) AS changed_m2
FROM (SELECT line, geom, ST_IsValidReason(geom) AS reason, ST_Multi(ST_CollectionExtract(ST_MakeValid(geom), 3)) AS after
      FROM good_row WHERE ST_Dimension(geom) = 2 AND NOT ST_IsValid(geom)) broken;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, CASE WHEN ST_IsEmpty(after) OR changed_m2 >= (SELECT value::float8 FROM import_option WHERE name = 'repair_m2') THEN 'refused' ELSE 'repaired' END,
       'geometry', reason,
       CASE WHEN ST_IsEmpty(after) THEN 'the polygon has no area'
            ELSE 'making it valid changes its area by ' || round(changed_m2::numeric, 1) || ' m²; the limit is '
                 || (SELECT value FROM import_option WHERE name = 'repair_m2') || ' m²' END
FROM repair;
UPDATE raw_feature r SET geom = p.after FROM repair p WHERE p.line = r.line;
UPDATE raw_feature SET geom = ST_Multi(geom) WHERE ST_Dimension(geom) > 0;
UPDATE raw_feature SET geom = ST_GeometryN(geom, 1) WHERE GeometryType(geom) = 'MULTIPOINT'
