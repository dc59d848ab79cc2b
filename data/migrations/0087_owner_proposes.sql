-- What the public sees is published by the authority: a producer proposes. A product that its owner makes or opens waits for approval
-- (publish_status = 'pending'), and an owner's profile stays as unpublished as it is; taking down is theirs at any time. Locks nothing.
CREATE FUNCTION ocop.owner_proposes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF TG_OP = 'INSERT' OR NOT OLD.is_published THEN
        NEW.is_published := false;
        IF TG_TABLE_NAME = 'product' THEN
            IF NEW.publish_status = 'public' THEN NEW.publish_status := 'pending'; END IF;
        END IF;
    END IF;
    RETURN NEW;
END
$$;
-- After product_publish_*, by the order of names, which makes the two columns agree.
CREATE TRIGGER product_publish_z_owner BEFORE INSERT OR UPDATE OF is_published, publish_status ON ocop.product
    FOR EACH ROW WHEN (NEW.is_published AND current_user IN ('ocopmap_r02', 'ocopmap_r03')) EXECUTE FUNCTION ocop.owner_proposes();
CREATE TRIGGER producer_publish_owner BEFORE UPDATE OF is_published ON ocop.producer
    FOR EACH ROW WHEN (NEW.is_published AND NOT OLD.is_published AND current_user IN ('ocopmap_r02', 'ocopmap_r03')) EXECUTE FUNCTION ocop.owner_proposes();
