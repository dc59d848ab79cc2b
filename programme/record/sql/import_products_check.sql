CREATE TEMP TABLE product_row ON COMMIT DROP AS
SELECT line, data->>'external_id' AS external_id, data->>'name' AS name, data->>'class_code' AS class_code, data->>'description' AS description,
       geo.try_date(data->>'registered_on') AS registered_on, data->>'registered_on' AS registered_as_written,
       coalesce(data->>'producer_id', data->>'producer') AS producer, NULL::bigint AS producer_key
FROM raw_feature;
UPDATE product_row r SET producer_key = p.producer_key FROM ocop.producer p WHERE p.external_id = r.producer;
UPDATE product_row r SET producer_key = f.producer_key
FROM (SELECT r.line, min(p.producer_key) AS producer_key FROM product_row r JOIN ocop.producer p ON pub.name_key(p.name) = pub.name_key(r.producer)
      WHERE r.producer_key IS NULL GROUP BY r.line HAVING count(*) = 1) f
WHERE f.line = r.line;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'name', NULL, 'is empty' FROM product_row WHERE name IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'producer', producer,
       CASE WHEN producer IS NULL THEN 'is empty'
            WHEN EXISTS (SELECT FROM ocop.producer p WHERE pub.name_key(p.name) = pub.name_key(r.producer)) THEN 'several producers bear this name: give its external_id'
            ELSE 'no producer has this id or name; import producers first' END
FROM product_row r WHERE producer_key IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'class_code', class_code, 'must be one of the 26 classes, such as I.3.c (data/product_classes.csv)'
FROM product_row r WHERE class_code IS NOT NULL AND NOT EXISTS (SELECT FROM ocop.product_class c WHERE c.class_code = r.class_code);
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'registered_on', registered_as_written, 'is no day like 2025-06-30 or 30/06/2025' FROM product_row WHERE registered_on IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'external_id', key, 'the same id stands on line ' || first
FROM (SELECT line, external_id AS key, min(line) OVER (PARTITION BY external_id) AS first FROM product_row) d WHERE key IS NOT NULL AND line > first
