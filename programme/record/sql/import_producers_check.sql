CREATE TEMP TABLE producer_row ON COMMIT DROP AS
SELECT line, data->>'external_id' AS external_id, data->>'name' AS name, data->>'kind' AS kind_as_written,
       CASE lower(data->>'kind')
            WHEN 'cooperative' THEN 'cooperative' WHEN 'hợp tác xã' THEN 'cooperative' WHEN 'htx' THEN 'cooperative'
            WHEN 'company' THEN 'company' WHEN 'công ty' THEN 'company' WHEN 'doanh nghiệp' THEN 'company'
            WHEN 'household' THEN 'household' WHEN 'hộ kinh doanh' THEN 'household' WHEN 'hộ' THEN 'household'
            WHEN 'cooperative_group' THEN 'cooperative_group' WHEN 'tổ hợp tác' THEN 'cooperative_group'
            WHEN 'private_enterprise' THEN 'private_enterprise' WHEN 'doanh nghiệp tư nhân' THEN 'private_enterprise' WHEN 'dntn' THEN 'private_enterprise'
       END AS kind,
       geo.try_date(data->>'registered_on') AS registered_on, data->>'registered_on' AS registered_as_written,
       data->>'address' AS address, lower(coalesce(data->>'location_consent', data->>'consent', 'no')) IN ('true', 'yes', 'y', '1', 'có', 'x') AS consent,
       data->>'commune_code' AS commune_code, data->>'commune' AS commune, data->>'district' AS district, geom, NULL::bigint AS unit_key
FROM good_row;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'name', NULL, 'is empty' FROM producer_row WHERE name IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'kind', kind_as_written, 'must be cooperative, company, household, cooperative_group or private_enterprise (or hợp tác xã, công ty, hộ kinh doanh, tổ hợp tác, doanh nghiệp tư nhân)'
FROM producer_row WHERE kind IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'registered_on', registered_as_written, 'is no day like 2025-06-30 or 30/06/2025' FROM producer_row WHERE registered_on IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'external_id', key, 'the same id stands on line ' || first
FROM (SELECT line, external_id AS key, min(line) OVER (PARTITION BY external_id) AS first FROM producer_row) d WHERE key IS NOT NULL AND line > first;
-- The commune as declared: by code and date, else by name, district and date.
UPDATE producer_row p SET unit_key = u.unit_key FROM geo.admin_unit u
WHERE p.commune_code IS NOT NULL AND u.level = 'commune' AND u.code = p.commune_code AND u.valid_from <= p.registered_on
  AND (u.valid_to IS NULL OR u.valid_to > p.registered_on);
UPDATE producer_row p SET unit_key = f.unit_key
FROM (SELECT p.line, min(c.unit_key) AS unit_key FROM producer_row p CROSS JOIN LATERAL geo.communes_named(p.commune, p.district, p.registered_on) c
      WHERE p.commune_code IS NULL AND p.commune IS NOT NULL AND p.registered_on IS NOT NULL GROUP BY p.line HAVING count(*) = 1) f
WHERE f.line = p.line;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, CASE WHEN geom IS NULL THEN 'refused' ELSE 'note' END, CASE WHEN commune_code IS NULL THEN 'commune' ELSE 'commune_code' END, coalesce(commune_code, commune),
       CASE WHEN commune_code IS NOT NULL THEN 'no commune has this code on ' || registered_on
            WHEN EXISTS (SELECT FROM geo.communes_named(commune, district, registered_on)) THEN 'several communes bear this name on ' || registered_on || ': give the district'
            ELSE 'no commune bears this name on ' || registered_on END
FROM producer_row WHERE coalesce(commune_code, commune) IS NOT NULL AND unit_key IS NULL AND registered_on IS NOT NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT p.line, 'note', 'commune', coalesce(p.commune_code, p.commune), 'the position lies in ' || u.name || '; the position counts'
FROM producer_row p CROSS JOIN LATERAL geo.resolve(p.geom, p.registered_on, NULL) r JOIN geo.admin_unit u ON u.unit_key = r.unit_key
WHERE p.geom IS NOT NULL AND p.unit_key IS NOT NULL AND r.unit_key <> p.unit_key;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'note', 'geometry', NULL, 'has no place: neither a position nor a commune' FROM producer_row
WHERE geom IS NULL AND unit_key IS NULL AND coalesce(commune_code, commune) IS NULL
