-- dossier_product($1 product): a product of the acting producer
SELECT product_key FROM ocop.product WHERE product_key = $1 AND retired_at IS NULL AND producer_key = ANY (auth.producers())
