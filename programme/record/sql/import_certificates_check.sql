CREATE TEMP TABLE certificate_row ON COMMIT DROP AS
SELECT line, coalesce(data->>'external_id', data->>'decision_no' || ' ' || coalesce(data->>'product_id', data->>'product')) AS external_id,
       data->>'star' AS star, data->>'decision_no' AS decision_no, data->>'decided_by' AS decided_by,
       geo.try_date(data->>'issued_on') AS issued_on, data->>'issued_on' AS issued_as_written,
       CASE WHEN data->>'valid_to' IS NULL THEN (geo.try_date(data->>'issued_on') + interval '36 months')::date ELSE geo.try_date(data->>'valid_to') END AS valid_to,
       data->>'valid_to' AS valid_as_written, geo.try_date(data->>'revoked_on') AS revoked_on, data->>'revoked_on' AS revoked_as_written,
       data->>'revocation_reason' AS revocation_reason, coalesce(data->>'product_id', data->>'product') AS product, NULL::bigint AS product_key
FROM raw_feature;
UPDATE certificate_row r SET product_key = p.product_key FROM ocop.product p WHERE p.external_id = r.product;
UPDATE certificate_row r SET product_key = f.product_key
FROM (SELECT r.line, min(p.product_key) AS product_key FROM certificate_row r JOIN ocop.product p ON pub.name_key(p.name) = pub.name_key(r.product)
      WHERE r.product_key IS NULL GROUP BY r.line HAVING count(*) = 1) f
WHERE f.line = r.line;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'product', product, CASE WHEN product IS NULL THEN 'is empty' ELSE 'no single product has this id or name; import products first' END
FROM certificate_row WHERE product_key IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'star', star, CASE WHEN star IN ('1', '2') THEN 'results of 1 and 2 stars are no certificates and are never public' ELSE 'must be 3, 4 or 5' END
FROM certificate_row WHERE star IS NULL OR star NOT IN ('3', '4', '5');
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'external_id', key, 'the same id stands on line ' || first
FROM (SELECT line, external_id AS key, min(line) OVER (PARTITION BY external_id) AS first FROM certificate_row) d WHERE key IS NOT NULL AND line > first;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'issued_on', issued_as_written, 'is no day like 2025-06-30 or 30/06/2025' FROM certificate_row WHERE issued_on IS NULL;
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'valid_to', valid_as_written, 'must be a day after issued_on' FROM certificate_row WHERE issued_on IS NOT NULL AND (valid_to IS NULL OR valid_to <= issued_on);
INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'revoked_on', revoked_as_written, 'must be a day, not before issued_on' FROM certificate_row
WHERE revoked_as_written IS NOT NULL AND (revoked_on IS NULL OR revoked_on < issued_on);
CREATE INDEX ON certificate_row (product_key);
-- Two certificates of one product are never in force on one day.
INSERT INTO issue (line, severity, field, value, reason)
SELECT DISTINCT ON (r.line) r.line, 'refused', 'issued_on', r.issued_as_written, 'another certificate of this product is in force on some of these days'
FROM certificate_row r
WHERE NOT EXISTS (SELECT FROM issue i WHERE i.severity = 'refused' AND i.line = r.line) AND (
      EXISTS (SELECT FROM ocop.certificate c WHERE c.product_key = r.product_key AND c.external_id IS DISTINCT FROM r.external_id
              AND c.in_force && daterange(r.issued_on, greatest(r.issued_on, least(r.valid_to, r.revoked_on))))
   OR EXISTS (SELECT FROM certificate_row o WHERE o.product_key = r.product_key AND o.line < r.line AND NOT EXISTS (SELECT FROM issue i WHERE i.severity = 'refused' AND i.line = o.line)
              AND daterange(o.issued_on, greatest(o.issued_on, least(o.valid_to, o.revoked_on))) && daterange(r.issued_on, greatest(r.issued_on, least(r.valid_to, r.revoked_on)))))
