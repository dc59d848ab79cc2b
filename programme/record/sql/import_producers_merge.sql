WITH taken AS (SELECT p.* FROM producer_row p JOIN good_row g USING (line)),
known AS (
    UPDATE ocop.producer p SET name = t.name, kind = t.kind, registered_on = t.registered_on, facility_geom = t.geom, facility_address = t.address,
           location_consent = t.consent, unit_key = t.unit_key, source = o.value
    FROM taken t, import_option o WHERE o.name = 'source' AND p.external_id = t.external_id RETURNING p.external_id),
added AS (
    INSERT INTO ocop.producer (external_id, name, kind, registered_on, facility_geom, facility_address, location_consent, unit_key, source)
    SELECT t.external_id, t.name, t.kind, t.registered_on, t.geom, t.address, t.consent, t.unit_key, o.value
    FROM taken t, import_option o WHERE o.name = 'source' AND (t.external_id IS NULL OR t.external_id NOT IN (SELECT p.external_id FROM ocop.producer p WHERE p.external_id IS NOT NULL))
    ORDER BY t.line RETURNING 1)
SELECT (SELECT count(*) FROM known) + (SELECT count(*) FROM added)
