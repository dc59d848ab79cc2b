-- The press list of products (raw_feature 'ocop_products_press'): rows that name both producer and commune become rows of
-- the record, without certificate (stars are unknown); the others are reported.
CREATE TEMP TABLE press ON COMMIT DROP AS
SELECT line, data->>'product' AS product, data->>'producer' AS producer, data->>'district' AS district, data->>'commune' AS commune,
       CASE WHEN data->>'status' ~ '\d{4}-\d{2}-\d{2}$' THEN right(data->>'status', 10)::date ELSE make_date((data->>'year')::integer, 1, 1) END AS on_day,
       data->>'source_url' AS source_url, NULL::bigint AS unit_key
FROM raw_feature WHERE file = 'ocop_products_press';
UPDATE press p SET unit_key = f.unit_key
FROM (SELECT p.line, min(c.unit_key) AS unit_key FROM press p CROSS JOIN LATERAL geo.communes_named(p.commune, p.district, p.on_day) c
      WHERE p.commune IS NOT NULL GROUP BY p.line HAVING count(*) = 1) f
WHERE f.line = p.line;
INSERT INTO ocop.producer (external_id, name, kind, registered_on, unit_key, source)
SELECT 'press-' || md5(producer), producer, CASE WHEN producer LIKE 'HTX%' THEN 'cooperative' ELSE 'company' END, min(on_day), min(unit_key), min(source_url)
FROM press WHERE producer IS NOT NULL AND unit_key IS NOT NULL GROUP BY producer;
INSERT INTO ocop.product (external_id, producer_key, name, registered_on, source)
SELECT 'press-' || md5(p.producer || p.product), m.producer_key, p.product, p.on_day, p.source_url
FROM press p JOIN ocop.producer m ON m.external_id = 'press-' || md5(p.producer) WHERE p.unit_key IS NOT NULL ORDER BY p.line;
INSERT INTO geo.data_set (data_set, title_vi, title_en, source, licence, is_demo, rows)
SELECT 'press', 'Sản phẩm OCOP theo báo chí (không phải danh sách chính thức)', 'OCOP products named in the press (not an official list)',
       'press pages, see each product', 'facts', false, count(*) FROM press WHERE producer IS NOT NULL AND unit_key IS NOT NULL
