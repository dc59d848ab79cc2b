-- Certificates in force on $1 that end within $2 months and are followed by none, the first to end first. $3 limit or NULL.
SELECT c.certificate_key, c.certificate_serial, p.product_key, p.name AS product, m.name AS producer, u.code, u.name AS commune, c.star, c.decision_no,
       c.issued_on, c.valid_to, c.valid_to - $1::date AS days, count(*) OVER () AS total
FROM ocop.certificate c
JOIN ocop.product p USING (product_key)
JOIN ocop.producer m ON m.producer_key = p.producer_key
LEFT JOIN pub.lineage_place u ON u.lineage_key = p.lineage_key AND u.valid_from <= $1::date AND (u.valid_to IS NULL OR u.valid_to > $1::date)
WHERE c.retired_at IS NULL AND p.retired_at IS NULL AND c.issued_on <= $1::date AND c.valid_to > $1::date
  AND c.valid_to <= $1::date + make_interval(months => $2::integer) AND (c.revoked_on IS NULL OR c.revoked_on > $1::date)
  AND NOT EXISTS (SELECT FROM ocop.certificate n WHERE n.product_key = c.product_key AND n.retired_at IS NULL AND n.revoked_on IS NULL AND n.valid_to > c.valid_to)
ORDER BY c.valid_to, p.name, c.certificate_key
LIMIT $3::integer
