WITH merged AS (
    INSERT INTO ocop.certificate (external_id, product_key, star, decision_no, decided_by, issued_on, valid_to, revoked_on, revocation_reason, source)
    SELECT c.external_id, c.product_key, c.star::smallint, c.decision_no, c.decided_by, c.issued_on, c.valid_to, c.revoked_on, c.revocation_reason, o.value
    FROM certificate_row c JOIN good_row g USING (line), import_option o WHERE o.name = 'source' ORDER BY c.line
    ON CONFLICT (external_id) DO UPDATE SET product_key = EXCLUDED.product_key, star = EXCLUDED.star, decision_no = EXCLUDED.decision_no,
        decided_by = EXCLUDED.decided_by, issued_on = EXCLUDED.issued_on, valid_to = EXCLUDED.valid_to, revoked_on = EXCLUDED.revoked_on,
        revocation_reason = EXCLUDED.revocation_reason, source = EXCLUDED.source
    RETURNING 1)
SELECT count(*) FROM merged
