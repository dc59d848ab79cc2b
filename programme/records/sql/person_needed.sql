-- person_needed($1 producer): why its people cannot be erased yet, in words; no row when they can.
SELECT why FROM (
    SELECT 1 AS n, format('a certificate is in force until %s', to_char(max(c.valid_to), 'DD/MM/YYYY')) AS why
    FROM ocop.certificate c JOIN ocop.product p USING (product_key)
    WHERE p.producer_key = $1 AND c.valid_to > pub.business_date() AND c.revoked_on IS NULL AND c.retired_at IS NULL HAVING count(*) > 0
    UNION ALL
    SELECT 2, format('%s dossiers are under way', count(*))
    FROM ocop.dossier d WHERE d.producer_key = $1 AND d.retired_at IS NULL AND d.dossier_state NOT IN ('draft', 'certified', 'not_recognised', 'returned', 'withdrawn', 'expiring', 'expired', 'revoked')
    HAVING count(*) > 0) reasons
ORDER BY n LIMIT 1
