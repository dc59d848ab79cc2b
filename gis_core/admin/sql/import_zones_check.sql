INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', field, NULL, 'is empty'
FROM good_row r CROSS JOIN (VALUES ('code'), ('name'), ('crop'), ('valid_from')) f (field) WHERE r.data->>field IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'crop', data->>'crop', 'must be one of ' || o.value
FROM good_row r, import_option o WHERE o.name = 'crops' AND NOT (data->>'crop') = ANY (string_to_array(o.value, ', '));
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', field, r.data->>field, 'is no day like 2025-06-30 or 30/06/2025'
FROM good_row r CROSS JOIN (VALUES ('valid_from'), ('valid_to')) f (field) WHERE r.data->>field IS NOT NULL AND geo.try_date(r.data->>field) IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'valid_to', data->>'valid_to', 'must be after valid_from' FROM good_row
WHERE geo.try_date(data->>'valid_to') <= geo.try_date(data->>'valid_from');
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'code', key, 'the same code stands on line ' || first
FROM (SELECT line, data->>'code' AS key, min(line) OVER (PARTITION BY data->>'code') AS first FROM raw_feature) d WHERE key IS NOT NULL AND line > first
