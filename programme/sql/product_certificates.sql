-- Every certificate of product $1 given by pub.at(), the latest first. A star (3 to 5) while it is in force, else 0.
SELECT CASE WHEN state IN ('valid', 'expiring') THEN star ELSE 0 END AS star, decision_no, decided_by, issued_on, valid_to, revoked_on, state, pub.serial_slug(certificate_serial) AS slug
FROM pub.certificate WHERE product_key = $1::bigint ORDER BY issued_on DESC, certificate_key DESC
