-- A certificate is found by the number on its paper, and says how it stands: ADR 17. The columns are added to the end of the view, so
-- that what reads it stays as it is. Locks ocop.certificate while an index is made (0.5 s for 100,000 certificates).

-- The number as it stands in an address and in a QR code: capital letters without accents and digits, everything else a hyphen.
-- Without its hyphens it is what numbers are compared by: people type blanks, dots and hyphens as they like. Runs as its owner: who changes a
-- certificate with psql keeps its index, and has no right on schema pub.
CREATE FUNCTION pub.serial_slug(serial text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT btrim(regexp_replace(upper(pub.fold(serial)), '[^A-Z0-9]+', '-', 'g'), '-') $$;
CREATE INDEX certificate_serial ON ocop.certificate (replace(pub.serial_slug(certificate_serial), '-', '')) WHERE certificate_serial IS NOT NULL;

-- is_extended: in force on that day only because its end was moved for a time. Such a certificate is `expiring` as well: an extension
-- is 180 days at most (QĐ 26/2026/QĐ-TTg, article 12), and what ends within 180 days is expiring.
CREATE OR REPLACE VIEW pub.certificate AS
    SELECT certificate_key, product_key, star, decision_no, decided_by, issued_on, valid_to, revoked_on, in_force,
           CASE WHEN revoked_on <= pub.at() THEN 'revoked'
                WHEN valid_to <= pub.at() THEN 'expired'
                WHEN valid_to <= pub.at() + 180 THEN 'expiring'
                ELSE 'valid' END AS state,
           certificate_serial, original_valid_to, revocation_reason_code, revocation_decision_no,
           coalesce(original_valid_to <= pub.at() AND valid_to > pub.at() AND (revoked_on IS NULL OR revoked_on > pub.at()), false) AS is_extended
    FROM ocop.certificate WHERE issued_on <= pub.at() AND retired_at IS NULL;
