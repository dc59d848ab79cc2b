-- The two tables of press figures (raw_feature 'agri_stats' and 'ocop_counts') as rows of geo.published_figure; problem says
-- why a row is none. The counts are those of the province of Bến Tre. In: figure_option. Out: figure_row.
CREATE TEMP TABLE figure_row ON COMMIT DROP AS
SELECT 'agri_stats.csv' AS file, line, 'value' AS column_name, data->>'value' AS value_text, data->>'measure' AS measure_text,
       CASE data->>'measure' WHEN 'area_ha' THEN 'crop_area' WHEN 'production_t' THEN 'crop_output' END AS subject,
       CASE data->>'measure' WHEN 'area_ha' THEN 'ha' WHEN 'production_t' THEN 't' END AS measure,
       data->>'item' AS item, data->>'level' AS level, data->>'unit_code' AS code, data->>'unit_name' AS name,
       'year' AS period_column, data->>'year' AS period, data->>'source_url' AS source_url, data->>'note' AS note
FROM raw_feature WHERE file = 'agri_stats'
UNION ALL
SELECT 'ocop_counts.csv', line, c.column_name, data->>c.column_name, NULL, c.subject, c.measure, c.item, 'province', '83', NULL,
       'as_of', data->>'as_of', data->>'source_url', data->>'note'
FROM raw_feature CROSS JOIN (VALUES
    ('total', 'ocop_products', 'products', 'all'), ('stars3', 'ocop_products', 'products', 'star_3'), ('stars4', 'ocop_products', 'products', 'star_4'),
    ('potential5', 'ocop_products', 'products', 'potential_5'), ('producers', 'ocop_producers', 'producers', 'all')) c (column_name, subject, measure, item)
WHERE file = 'ocop_counts' AND (c.column_name = 'total' OR data->>c.column_name IS NOT NULL);
ALTER TABLE figure_row ADD COLUMN during daterange, ADD COLUMN unit_key bigint, ADD COLUMN field text, ADD COLUMN problem text;
UPDATE figure_row SET during = daterange(first, (first + CASE length(period) WHEN 4 THEN interval '1 year' WHEN 7 THEN interval '1 month' ELSE interval '1 day' END)::date)
FROM (SELECT file AS f, line AS l, column_name AS c, geo.try_date(period || CASE length(period) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END) AS first
      FROM figure_row WHERE period ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$') d
WHERE (file, line, column_name) = (f, l, c) AND first IS NOT NULL;
-- Codes are used again: the unit must have been in force in the period and bear the name.
UPDATE figure_row r SET unit_key = (
    SELECT u.unit_key FROM geo.admin_unit u
    WHERE u.level::text = r.level AND u.code = r.code AND (r.name IS NULL OR u.name_key = pub.name_key(r.name))
      AND (r.period IS NULL OR daterange(u.valid_from, u.valid_to) && r.during)
    ORDER BY u.valid_from DESC LIMIT 1);
UPDATE figure_row r SET (field, problem) = (
    SELECT p.field, p.problem FROM (VALUES
        (1, r.item IS NULL, 'item', NULL, 'is empty'),
        (2, r.subject IS NULL, 'measure', r.measure_text, 'must be area_ha or production_t'),
        (3, r.value_text IS NULL, r.column_name, NULL, 'is empty'),
        (4, r.value_text !~ '^[0-9]{1,15}(\.[0-9]{1,9})?$', r.column_name, r.value_text, 'must be a number of 0 or more, such as 12036.54'),
        (5, r.period IS NOT NULL AND r.during IS NULL, r.period_column, r.period, 'must be a year, month or day, such as 2022, 2022-04 or 2022-04-30'),
        (6, coalesce(r.level NOT IN ('province', 'district', 'commune'), true), 'level', r.level, 'must be province, district or commune'),
        (7, r.code IS NULL, 'unit_code', NULL, 'is empty'),
        (8, r.unit_key IS NULL, 'unit_code', r.code,
            'must be the code of a ' || r.level || coalesce(' named ' || r.name, '') || coalesce(' in force in ' || r.period, '')),
        (9, r.source_url IS NULL AND NOT (SELECT is_demo FROM figure_option), 'source_url', NULL, 'is empty'),
        (10, r.source_url !~ '^https?://', 'source_url', r.source_url, 'must begin with http:// or https://'),
        (11, EXISTS (SELECT FROM figure_row o WHERE (o.subject, o.item, o.unit_key) = (r.subject, r.item, r.unit_key) AND o.period IS NOT DISTINCT FROM r.period
                       AND o.source_url IS NOT DISTINCT FROM r.source_url AND (o.file, o.line) < (r.file, r.line)), r.column_name, r.value_text,
            'the same figure of the same page stands on an earlier line')
        ) v (place, is_so, name, was, reason)
    CROSS JOIN LATERAL (SELECT name || coalesce(' ''' || was || '''', '') AS field, reason AS problem) p
    WHERE is_so ORDER BY place LIMIT 1)
