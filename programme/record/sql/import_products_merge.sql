WITH merged AS (
    INSERT INTO ocop.product (external_id, producer_key, class_code, name, description, registered_on, source)
    SELECT p.external_id, p.producer_key, p.class_code, p.name, p.description, p.registered_on, o.value
    FROM product_row p JOIN good_row g USING (line), import_option o WHERE o.name = 'source' ORDER BY p.line
    ON CONFLICT (external_id) DO UPDATE SET producer_key = EXCLUDED.producer_key, class_code = EXCLUDED.class_code, name = EXCLUDED.name,
        description = EXCLUDED.description, registered_on = EXCLUDED.registered_on, source = EXCLUDED.source
    RETURNING 1)
SELECT count(*) FROM merged
