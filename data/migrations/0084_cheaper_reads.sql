-- What 200 people at work ask of two processors. Locks ocop.product and geo.zone while an index is made (1 s for 100,000 products).

-- Who acts, and over what: asked once or more by every statement of everybody. As plpgsql their plans last as long as the connection;
-- SQL functions that are not inlined were planned anew at every call, four deep.
CREATE OR REPLACE FUNCTION auth.in_force(g auth.role_grant, day date) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN g.valid_from <= day AND (g.valid_to IS NULL OR g.valid_to > day)
       AND EXISTS (SELECT FROM auth.account a WHERE a.account_key = g.account_key AND a.state = 'active')
       AND (g.unit_key IS NULL OR g.role IN ('R06', 'R07')
            OR EXISTS (SELECT FROM geo.admin_unit u
                       WHERE u.unit_key = g.unit_key AND u.valid_from <= day AND (u.valid_to IS NULL OR u.valid_to > day)));
END
$$;
CREATE OR REPLACE FUNCTION auth.account() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN (SELECT a.account_key FROM auth.account a
            WHERE a.account_key = nullif(current_setting('ocopmap.account', true), '')::bigint AND a.state = 'active');
END
$$;
CREATE OR REPLACE FUNCTION auth.acting() RETURNS auth.role_grant
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    named auth.role_grant;
BEGIN
    SELECT g.* INTO named FROM auth.role_grant g
    WHERE g.grant_key = nullif(current_setting('ocopmap.grant', true), '')::bigint
      AND g.account_key = nullif(current_setting('ocopmap.account', true), '')::bigint
      AND current_setting('role') IN ('none', 'ocopmap_auth', 'ocopmap_' || lower(g.role));
    IF NOT FOUND OR NOT auth.in_force(named, pub.business_date()) THEN RETURN NULL; END IF;
    RETURN named;
END
$$;
CREATE OR REPLACE FUNCTION auth.grant_key() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN (auth.acting()).grant_key; END $$;
CREATE OR REPLACE FUNCTION auth.lineages_of(unit bigint) RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    RETURN (WITH RECURSIVE below (unit_key) AS (
                SELECT unit
                UNION
                SELECT u.unit_key FROM below b JOIN geo.admin_unit u ON u.parent_key = b.unit_key
            )
            SELECT coalesce(array_agg(DISTINCT l.lineage_key), '{}') FROM below b JOIN geo.lineage_unit l USING (unit_key));
END
$$;
CREATE OR REPLACE FUNCTION auth.lineages() RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN auth.lineages_of((auth.acting()).unit_key); END $$;
CREATE OR REPLACE FUNCTION auth.producers() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ BEGIN RETURN array_remove(ARRAY[(auth.acting()).producer_key], NULL); END $$;
CREATE OR REPLACE FUNCTION auth.unit_end() RETURNS date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ BEGIN RETURN (SELECT u.valid_to FROM geo.admin_unit u WHERE u.unit_key = (auth.acting()).unit_key); END $$;

-- A territory's rows are counted, searched by name and put in order from the index alone.
CREATE INDEX product_territory ON ocop.product (lineage_key, updated_at, product_key) INCLUDE (retired_at, name_folded);
DROP INDEX ocop.product_lineage;
CREATE INDEX zone_territory ON geo.zone (lineage_key, zone_key) INCLUDE (retired_at);
DROP INDEX geo.zone_lineage_key_idx;

-- Figures and facets stay as they are while nobody sees a difference: an edit of a column they do not show, a product that is no longer
-- or not yet published.
DROP TRIGGER figure_change ON ocop.product;
CREATE TRIGGER figure_change_insert AFTER INSERT ON ocop.product
    FOR EACH ROW WHEN (NEW.is_published) EXECUTE FUNCTION ocop.note_figure_change();
CREATE TRIGGER figure_change_update AFTER UPDATE ON ocop.product
    FOR EACH ROW WHEN ((OLD.is_published OR NEW.is_published)
        AND (OLD.producer_key, OLD.class_code, OLD.name, OLD.description, OLD.registered_on, OLD.is_published, OLD.is_demo)
            IS DISTINCT FROM (NEW.producer_key, NEW.class_code, NEW.name, NEW.description, NEW.registered_on, NEW.is_published, NEW.is_demo))
    EXECUTE FUNCTION ocop.note_figure_change();
CREATE TRIGGER figure_change_delete AFTER DELETE ON ocop.product
    FOR EACH ROW WHEN (OLD.is_published) EXECUTE FUNCTION ocop.note_figure_change();
CREATE TRIGGER figure_change_truncate AFTER TRUNCATE ON ocop.product
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.note_figure_change();
