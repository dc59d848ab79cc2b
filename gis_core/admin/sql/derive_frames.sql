-- From files to versions of units (S2): 160 communes as published; 164 and 157 derived from their lines by the table of
-- changes, splits taken along the lines of communes_old_148; 148 nested in the 48 new; districts as unions of communes.
-- In: raw_feature, change_row (data/commune_changes.csv). Out: stage_unit, stage_change.

CREATE TEMP TABLE state (day date, code text, name text, type text, district text, geom geometry,
                         geometry_state text, source text, note text) ON COMMIT DROP;
CREATE TEMP TABLE line148 ON COMMIT DROP AS
SELECT data->>'code' AS code, data->>'district_code' AS district, geom FROM raw_feature WHERE file = 'communes_old_148';
CREATE TEMP TABLE district148 ON COMMIT DROP AS
SELECT data->>'code' AS code, data->>'district_code' AS district FROM raw_feature WHERE file = 'communes_old_148_nested';

INSERT INTO state
SELECT '2004-01-01', data->>'gso_code', data->>'name', lower(data->>'type'), data->>'district_code', geom, 'surveyed',
       'puleeno/diagioihanhchinh, MIT (before 2009)', NULL
FROM raw_feature WHERE file = 'communes_pre2009_160';

-- 2009-02-09: new communes are cut out of their old ones along the lines of 148; what is left keeps the old code.
CREATE TEMP TABLE cut ON COMMIT DROP AS
SELECT c.new_code AS code, min(c.new_name) AS name, min(c.new_type) AS type, array_agg(c.old_code) AS from_codes,
       ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_Intersection(ST_Union(o.geom), min(l.geom::text)::geometry)), 3)) AS geom
FROM change_row c
JOIN state o ON o.code = c.old_code AND o.day = '2004-01-01'
JOIN line148 l ON l.code = c.new_code
WHERE c.effective = '2009-02-09' AND c.kind = 'split' AND NOT EXISTS (SELECT FROM state s WHERE s.code = c.new_code)
GROUP BY c.new_code;
INSERT INTO state
SELECT date '2009-02-09', o.code, coalesce(c.new_name, o.name), o.type, coalesce(d.district, o.district),
       coalesce((SELECT ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_Difference(o.geom, ST_Union(cut.geom))), 3))
                 FROM cut WHERE o.code = ANY (cut.from_codes)), o.geom),
       CASE WHEN c.new_code IS NOT NULL THEN 'derived' ELSE o.geometry_state END,
       CASE WHEN c.new_code IS NOT NULL THEN 'puleeno/diagioihanhchinh, MIT; derived by the table of changes' ELSE o.source END,
       CASE WHEN c.new_code IS NOT NULL THEN 'Split of 2009 along inferred lines' END
FROM state o LEFT JOIN district148 d USING (code)
LEFT JOIN change_row c ON c.effective = '2009-02-09' AND c.old_code = o.code AND c.new_code = o.code
WHERE o.day = '2004-01-01'
UNION ALL
SELECT date '2009-02-09', cut.code, cut.name, cut.type, d.district, cut.geom, 'derived',
       'puleeno/diagioihanhchinh, MIT; derived by the table of changes', 'Split of 2009 along inferred lines'
FROM cut JOIN district148 d USING (code);

INSERT INTO state SELECT '2009-08-11', code, name, type, district, geom, geometry_state, source, note FROM state WHERE day = '2009-02-09';
-- 2013-04-05: Mỹ Thành moves to the town; the 51 ha of Hữu Định that moved have no known line: the crosswalk alone tells of them.
INSERT INTO state
SELECT '2013-04-05', code, name, type, CASE code WHEN '28867' THEN '829' ELSE district END, geom, geometry_state, source,
       CASE code WHEN '28858' THEN 'The 51 ha that went to Sơn Đông and Phú Tân in 2013 are not taken off' ELSE note END
FROM state WHERE day = '2009-08-11';
INSERT INTO state
SELECT '2020-02-01', o.code, coalesce(m.name, o.name), coalesce(m.type, o.type), o.district, coalesce(m.geom, o.geom),
       CASE WHEN m.code IS NOT NULL THEN 'derived' ELSE o.geometry_state END,
       CASE WHEN m.code IS NOT NULL THEN 'puleeno/diagioihanhchinh, MIT; derived by the table of changes' ELSE o.source END, o.note
FROM state o
LEFT JOIN (SELECT c.new_code AS code, min(c.new_name) AS name, min(c.new_type) AS type, ST_Multi(ST_Union(s.geom)) AS geom
           FROM change_row c JOIN state s ON s.code = c.old_code AND s.day = '2013-04-05'
           WHERE c.effective = '2020-02-01' GROUP BY c.new_code) m USING (code)
WHERE o.day = '2013-04-05'
  AND (m.code IS NOT NULL OR NOT EXISTS (SELECT FROM change_row c WHERE c.effective = '2020-02-01' AND c.old_code = o.code));
INSERT INTO state
SELECT '2023-04-10', o.code, coalesce(c.new_name, o.name), coalesce(c.new_type, o.type), o.district, o.geom, o.geometry_state, o.source, o.note
FROM state o LEFT JOIN change_row c ON c.effective = '2023-04-10' AND c.new_code = o.code
WHERE o.day = '2020-02-01';
INSERT INTO state
SELECT '2025-01-01', data->>'code', data->>'name', lower(data->>'type'), data->>'district_code', geom, 'derived',
       'old lines cut into thanglequoc/vietnamese-provinces-database, MIT',
       CASE WHEN data->>'geom_quality' = 'synthetic_split' THEN 'The line between Đa Phước Hội and Tân Hội is synthetic'
            WHEN (data->>'leftover_share_in_new_unit')::numeric > 0.05
            THEN 'About ' || round((data->>'leftover_share_in_new_unit')::numeric * 100) || ' % of the new commune matched no old line' END
FROM raw_feature WHERE file = 'communes_old_148_nested';

CREATE TEMP TABLE period ON COMMIT DROP AS
SELECT day, coalesce(lead(day) OVER (ORDER BY day), '2025-07-01') AS next_day, row_number() OVER (ORDER BY day) AS n
FROM (SELECT DISTINCT day FROM state) d;

-- Districts: unions, one version as long as name and outline stay.
CREATE TEMP TABLE district_state ON COMMIT DROP AS
WITH shape AS (SELECT day, district AS code, ST_Multi(ST_Normalize(ST_Union(geom))) AS geom, max(geometry_state) AS any_state FROM state GROUP BY day, district),
named AS (
    SELECT s.*, CASE WHEN s.code = '829' AND s.day < '2009-08-11' THEN 'Thị xã Bến Tre'
                     WHEN s.code = '833' AND s.day < '2009-02-09' THEN 'Huyện Mỏ Cày'
                     ELSE d.data->>'name' END AS name
    FROM shape s LEFT JOIN raw_feature d ON d.file = 'districts_old_9' AND d.data->>'code' = s.code),
signed AS (SELECT n.*, p.n, p.next_day, md5(n.name || md5(n.geom::text)) AS sign FROM named n JOIN period p USING (day)),
marked AS (SELECT *, lag(sign) OVER w IS DISTINCT FROM sign AS starts FROM signed WINDOW w AS (PARTITION BY code ORDER BY n))
SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY code ORDER BY n) AS version FROM marked;
CREATE TEMP TABLE district_version ON COMMIT DROP AS
SELECT code, name, version, min(day) AS valid_from, max(next_day) AS valid_to, min(geom::text)::geometry AS geom,
       min(day) = '2004-01-01' AS first
FROM district_state GROUP BY code, name, version;

-- Communes: a new version when name, type, outline, district, or the district's version changes.
CREATE TEMP TABLE commune_version ON COMMIT DROP AS
WITH signed AS (
    SELECT s.*, p.n, p.next_day, d.version AS district_version,
           md5(s.name || s.type || s.district || d.version || md5(s.geom::text)) AS sign, md5(s.geom::text) AS outline
    FROM state s JOIN period p USING (day) JOIN district_state d ON d.code = s.district AND d.day = s.day),
marked AS (
    SELECT *, lag(sign) OVER w IS DISTINCT FROM sign OR lag(n) OVER w IS DISTINCT FROM n - 1 AS starts
    FROM signed WINDOW w AS (PARTITION BY code ORDER BY n)),
numbered AS (SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY code ORDER BY n) AS version FROM marked)
SELECT code, version, name, type, district, outline, geometry_state, source, min(note) AS note, min(day) AS valid_from, max(next_day) AS valid_to,
       min(geom::text)::geometry AS geom
FROM numbered GROUP BY code, version, name, type, district, outline, geometry_state, source;

INSERT INTO stage_unit (level, code, name, short_name, type, valid_from, valid_to, legal_document, geometry_state, geometry_source, geometry_note, geom)
SELECT 'province', data->>'code', data->>'name', regexp_replace(data->>'name', '^Tỉnh ', ''), 'tỉnh',
       CASE data->>'code' WHEN '83' THEN date '2004-01-01' ELSE '2025-07-01' END, CASE data->>'code' WHEN '83' THEN date '2025-07-01' END,
       CASE data->>'code' WHEN '86' THEN '202/2025/QH15' END, 'surveyed',
       CASE data->>'code' WHEN '83' THEN 'daohoangson/dvhcvn, GPL-3.0' ELSE 'thanglequoc/vietnamese-provinces-database, MIT' END,
       'Coarse outline: communes do not nest in it', geom
FROM raw_feature WHERE file IN ('province_old_ben_tre', 'province_2025_vinh_long');
INSERT INTO stage_unit (level, code, name, short_name, type, parent_code, valid_from, valid_to, legal_document, geometry_state, geometry_source, geometry_note, geom)
SELECT 'district', code, name, regexp_replace(name, '^(Thành phố|Thị xã|Huyện) ', ''), lower(substring(name FROM '^(Thành phố|Thị xã|Huyện)')), '83',
       valid_from, valid_to,
       CASE WHEN valid_from = '2009-02-09' THEN '08/NĐ-CP' WHEN valid_from = '2009-08-11' THEN '34/NQ-CP' WHEN valid_from = '2013-04-05' THEN '49/NQ-CP'
            WHEN valid_from = '2004-01-01' THEN '124/2004/QĐ-TTg (list; earlier days are not loaded)' END,
       CASE WHEN valid_from = '2004-01-01' AND valid_to = '2009-02-09' THEN 'surveyed' ELSE 'derived' END, 'union of its communes', NULL, geom
FROM district_version;
INSERT INTO stage_unit (level, code, name, short_name, type, parent_code, valid_from, valid_to, legal_document, geometry_state, geometry_source, geometry_note, geom)
SELECT 'commune', v.code, v.name, regexp_replace(v.name, '^(Xã|Phường|Thị trấn) ', ''), v.type, v.district, v.valid_from, v.valid_to,
       coalesce((SELECT min(c.document) FROM change_row c WHERE c.effective = v.valid_from AND c.new_code = v.code),
                CASE WHEN v.valid_from = '2009-08-11' THEN '34/NQ-CP' WHEN v.valid_from = '2013-04-05' THEN '49/NQ-CP'
                     WHEN v.valid_from = '2004-01-01' THEN '124/2004/QĐ-TTg (list; earlier days are not loaded)' END),
       v.geometry_state, v.source, v.note, v.geom
FROM commune_version v;
INSERT INTO stage_unit (level, code, name, short_name, type, parent_code, valid_from, legal_document, area_km2_official, geometry_state, geometry_source, geometry_note, geom)
SELECT 'commune', data->>'code', data->>'name', data->>'short_name', lower(data->>'type'), data->>'province_code', (data->>'valid_from')::date,
       '1687/NQ-UBTVQH15', (data->>'area_km2_official')::numeric, 'surveyed', 'thanglequoc/vietnamese-provinces-database, MIT',
       CASE WHEN abs((data->>'area_km2_geom')::numeric / (data->>'area_km2_official')::numeric - 1) > 0.1
            THEN 'Drawn area differs from the official one by more than a tenth' END, geom
FROM raw_feature WHERE file = 'communes_2025_new';
-- Later changes of type and name: another version with the same lines.
INSERT INTO stage_unit (level, code, name, short_name, type, parent_code, valid_from, legal_document, area_km2_official, geometry_state, geometry_source, geometry_note, geom)
SELECT u.level, u.code, c.new_name, regexp_replace(c.new_name, '^(Xã|Phường|Thị trấn) ', ''), c.new_type, u.parent_code, c.effective, c.document,
       u.area_km2_official, u.geometry_state, u.geometry_source, u.geometry_note, u.geom
FROM stage_unit u JOIN change_row c ON c.old_code = u.code AND c.kind = 'status' AND c.effective > u.valid_from
WHERE u.level = 'commune' AND u.valid_from = '2025-07-01';
UPDATE stage_unit u SET valid_to = c.effective FROM change_row c
WHERE u.level = 'commune' AND u.valid_from = '2025-07-01' AND c.old_code = u.code AND c.kind = 'status' AND c.effective > u.valid_from;
INSERT INTO stage_change (level, old_code, new_code, effective, kind, document, confidence)
SELECT 'commune', old_code, new_code, effective, kind, document, confidence FROM change_row WHERE kind = 'status' AND effective > '2025-07-01';

-- The crosswalk between consecutive versions: what the table of changes says, else the same code.
INSERT INTO stage_change (level, old_code, new_code, effective, kind, document, share, confidence)
WITH pair AS (
    SELECT o.code AS old_code, n.code AS new_code, n.valid_from AS effective, c.kind, c.document, c.confidence, c.area_ha / c.of_ha AS share
    FROM change_row c
    JOIN commune_version o ON o.code = c.old_code AND o.valid_to = c.effective
    JOIN commune_version n ON n.code = c.new_code AND n.valid_from = c.effective
    UNION ALL
    SELECT o.code, n.code, n.valid_from,
           CASE WHEN EXISTS (SELECT FROM change_row c WHERE c.effective = n.valid_from AND c.new_code = n.code AND c.kind = 'merge') THEN 'merge'
                WHEN o.type <> n.type THEN 'status' WHEN o.name <> n.name THEN 'rename' WHEN o.district <> n.district THEN 'parent'
                WHEN o.outline <> n.outline THEN 'geometry' ELSE 'continued' END, NULL, NULL, NULL
    FROM commune_version o JOIN commune_version n ON n.code = o.code AND n.valid_from = o.valid_to
    WHERE NOT EXISTS (SELECT FROM change_row c WHERE c.effective = n.valid_from AND c.old_code = o.code))
SELECT 'commune', p.old_code, p.new_code, p.effective, p.kind, p.document,
       CASE WHEN p.share IS NOT NULL THEN p.share
            WHEN p.kind <> 'split' THEN 1
            ELSE greatest(0.000001, least(1, (SELECT ST_Area(ST_Intersection(o.geom, n.geom)) / ST_Area(o.geom) FROM commune_version o, commune_version n
                  WHERE o.code = p.old_code AND o.valid_to = p.effective AND n.code = p.new_code AND n.valid_from = p.effective))) END,
       coalesce(p.confidence, 'documented')
FROM pair p;
INSERT INTO stage_change (level, old_code, new_code, effective, kind, document, clause)
SELECT 'commune', data->>'old_code', data->>'new_code', '2025-07-01', 'merge', '1687/NQ-UBTVQH15', data->>'clause'
FROM raw_feature WHERE file = 'crosswalk_2025';
INSERT INTO stage_change (level, old_code, new_code, effective, kind, document, share)
SELECT 'district', o.code, n.code, n.valid_from,
       CASE WHEN o.name <> n.name AND o.code = '833' THEN 'split' WHEN o.name <> n.name THEN 'status' WHEN n.valid_from = '2013-04-05' AND n.code IN ('829', '831') THEN 'geometry'
            ELSE 'geometry' END,
       NULL, CASE WHEN o.name <> n.name AND o.code = '833' THEN least(1, ST_Area(ST_Intersection(o.geom, n.geom)) / ST_Area(o.geom)) ELSE 1 END
FROM district_version o JOIN district_version n ON n.valid_from = o.valid_to AND (n.code = o.code OR (o.code = '833' AND n.code = '838' AND n.valid_from = '2009-02-09'));
INSERT INTO stage_change (level, old_code, new_code, effective, kind, document)
VALUES ('province', '83', '86', '2025-07-01', 'merge', '202/2025/QH15')
