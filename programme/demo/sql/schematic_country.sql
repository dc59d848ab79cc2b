-- schematic_country($1 codes, $2 their province's): cells become invented communes and provinces beside the schematic ones, in force
-- from the day their first frame begins; nothing becomes of them.
WITH cell AS (
    SELECT f.code, p.province, f.geom
    FROM schematic_face f JOIN unnest($1::text[], $2::text[]) AS p (code, province) USING (code)),
unit AS (
    SELECT 'commune' AS level, code, 'Xã mẫu ' || code AS name, 'Mẫu ' || code AS short_name, 'xã' AS type, province AS parent, ST_Union(geom) AS geom
    FROM cell GROUP BY code, province
    UNION ALL
    SELECT 'province', province, 'Tỉnh mẫu ' || province, 'Mẫu ' || province, 'tỉnh', NULL, ST_Union(geom) FROM cell GROUP BY province)
INSERT INTO stage_unit (level, code, name, short_name, type, parent_code, valid_from, geometry_state, geometry_source, geometry_note, geom)
SELECT level::geo.unit_level, code, name, short_name, type, parent, DATE '2025-01-01', 'schematic', 'schematic (synthetic)', 'Invented: there is no such unit', ST_Multi(geom)
FROM unit
