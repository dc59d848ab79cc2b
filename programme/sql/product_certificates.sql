-- Every certificate of product $1 given by pub.at(), the latest first.
SELECT star, decision_no, decided_by, issued_on, valid_to, revoked_on, state
FROM pub.certificate WHERE product_key = $1::bigint ORDER BY issued_on DESC, certificate_key DESC
