-- dossier_begin($1 product, $2 registration_kind): a draft under the regime of today, with the number of the product's last certificate
INSERT INTO ocop.dossier (product_key, registration_kind, legal_regime_code, previous_certificate_no)
VALUES ($1, $2, workflow.regime_on(pub.business_date()),
        CASE WHEN $2 <> 'first' THEN (SELECT coalesce(certificate_serial, decision_no) FROM ocop.certificate WHERE product_key = $1 AND retired_at IS NULL ORDER BY issued_on DESC LIMIT 1) END)
RETURNING dossier_key
