-- Context lines and the census of 2019 from the staged files.
INSERT INTO geo.context_line (kind, name, source, geom)
SELECT CASE file WHEN 'gshhg_shoreline' THEN 'shoreline' ELSE 'river' END, NULL, 'GSHHG 2.3.7, LGPL-3+', ST_Multi(geom)
FROM raw_feature WHERE file IN ('gshhg_shoreline', 'gshhg_rivers') AND geom IS NOT NULL ORDER BY file, line;
INSERT INTO geo.census_count (unit_key, census_on, population, urban, rural, source)
SELECT u.unit_key, '2019-04-01', (data->>'population_2019')::numeric::integer, (data->>'urban')::numeric::integer, (data->>'rural')::numeric::integer,
       'Census of 2019, hgscarlette/vn-demographic'
FROM raw_feature r JOIN geo.admin_unit u ON u.level = 'commune' AND u.code = r.data->>'gso_code' AND u.valid_from <= '2019-04-01'
     AND (u.valid_to IS NULL OR u.valid_to > '2019-04-01')
WHERE r.file = 'census2019_population_164';
INSERT INTO geo.data_set (data_set, title_vi, title_en, source, licence, is_demo, rows)
VALUES ('boundaries', 'Ranh giới hành chính thật (nguồn công khai, không chính thức)', 'Real administrative boundaries (public sources, not official)',
        'thanglequoc/vietnamese-provinces-database; puleeno/diagioihanhchinh; daohoangson/dvhcvn', 'MIT; GPL-3.0 (province outline)', false,
        (SELECT count(*) FROM geo.admin_unit)),
       ('context', 'Đường bờ và sông', 'Shoreline and rivers', 'GSHHG 2.3.7', 'LGPL-3+', false, (SELECT count(*) FROM geo.context_line)),
       ('census-2019', 'Dân số 2019', 'Population 2019', 'hgscarlette/vn-demographic', 'none stated', false, (SELECT count(*) FROM geo.census_count))
