INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'name', NULL, 'is empty' FROM good_row WHERE data->>'name' IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'kind', data->>'kind', 'must be shop, market, supermarket, tourist_site or rest_stop' FROM good_row
WHERE coalesce(data->>'kind', '') NOT IN ('shop', 'market', 'supermarket', 'tourist_site', 'rest_stop');
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', field, r.data->>field, 'is no day like 2025-06-30 or 30/06/2025'
FROM good_row r CROSS JOIN (VALUES ('opened_on'), ('closed_on')) f (field)
WHERE (field = 'opened_on' OR r.data->>field IS NOT NULL) AND geo.try_date(r.data->>field) IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'closed_on', data->>'closed_on', 'must be after opened_on' FROM good_row
WHERE geo.try_date(data->>'closed_on') <= geo.try_date(data->>'opened_on');
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'external_id', key, 'the same id stands on line ' || first
FROM (SELECT line, data->>'external_id' AS key, min(line) OVER (PARTITION BY data->>'external_id') AS first FROM raw_feature) d WHERE key IS NOT NULL AND line > first
