-- How each product stands on pub.at(), for reports: under the rights of whoever reads (security_invoker), so that every figure is of the rows
-- that the role reaches. Locks nothing: two views.

-- Who decided is public of every certificate; the rest of a grading result is not.
CREATE VIEW pub.certificate_authority AS
    SELECT certificate_key, decision_authority FROM ocop.grading_result WHERE certificate_key IS NOT NULL AND retired_at IS NULL;

-- year: of the latest certificate. Which one that is, is said as in ocop.product_period. The day is looked up once a statement, not once a row.
CREATE VIEW ocop.product_standing WITH (security_invoker = true) AS
    SELECT p.product_key, p.producer_key, p.lineage_key, p.class_code,
           pub.certificate_state(c.certificate_key, c.valid_to, c.revoked_on, (SELECT pub.at())) AS state,
           CASE WHEN c.valid_to > (SELECT pub.at()) AND (c.revoked_on IS NULL OR c.revoked_on > (SELECT pub.at())) THEN c.star END AS star,
           extract(year FROM c.issued_on)::integer AS year, a.decision_authority AS level
    FROM ocop.product p
    LEFT JOIN (SELECT DISTINCT ON (k.product_key) k.product_key, k.certificate_key, k.star, k.issued_on, k.valid_to, k.revoked_on
               FROM ocop.certificate k WHERE k.retired_at IS NULL AND k.issued_on <= (SELECT pub.at())
               ORDER BY k.product_key, k.issued_on DESC, isempty(k.in_force), k.certificate_key DESC) c USING (product_key)
    LEFT JOIN pub.certificate_authority a ON a.certificate_key = c.certificate_key
    WHERE p.retired_at IS NULL AND p.registered_on <= (SELECT pub.at());
GRANT SELECT ON ocop.product_standing TO ocopmap_member;
