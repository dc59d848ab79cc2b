-- Certificates given by pub.at() whose number is $1, however it is typed: as it is written first, then by its parts, then the latest. newer: another
-- certificate of the product that is in force, where this one is not.
SELECT c.certificate_key, c.certificate_serial, pub.serial_slug(c.certificate_serial) AS slug, CASE WHEN c.state IN ('valid', 'expiring') THEN c.star END AS star,
       c.decision_no, c.decided_by, c.issued_on, c.valid_to, c.original_valid_to, c.revoked_on, c.revocation_decision_no, c.revocation_reason_code, c.state,
       c.is_extended, c.product_key, n.certificate_serial AS newer_serial, pub.serial_slug(n.certificate_serial) AS newer_slug
FROM pub.certificate c
LEFT JOIN pub.certificate n ON n.product_key = c.product_key AND n.state IN ('valid', 'expiring') AND c.state NOT IN ('valid', 'expiring')
WHERE replace(pub.serial_slug(c.certificate_serial), '-', '') = replace(pub.serial_slug($1), '-', '') AND pub.serial_slug($1) <> ''
ORDER BY c.certificate_serial = $1 DESC, pub.serial_slug(c.certificate_serial) = pub.serial_slug($1) DESC, c.issued_on DESC, c.certificate_key DESC
LIMIT 10
