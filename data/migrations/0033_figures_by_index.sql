-- Statistics read seven short columns of every product: from an index in their own order they come without sort and without the
-- wide rows. It serves the filter by lineage as the index did that it replaces.
-- Locks ocop.product_period for as long as it takes (0.2 s for 100,000 products).
DROP INDEX ocop.product_period_lineage;
CREATE INDEX product_period_figures ON ocop.product_period (lineage_key, producer_key)
    INCLUDE (since, until, valid_to, revoked_on, star, is_public);
