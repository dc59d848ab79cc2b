-- dossier_under_way($1 product): a dossier that has not come to its end
SELECT dossier_key FROM ocop.dossier WHERE product_key = $1 AND retired_at IS NULL
  AND dossier_state NOT IN ('certified', 'not_recognised', 'returned', 'withdrawn', 'expiring', 'extended', 'expired', 'revoked')
ORDER BY dossier_key LIMIT 1
