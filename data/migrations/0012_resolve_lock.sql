-- A facility entered while boundaries change: the change waits for entries under way, later entries wait for the change,
-- so that no row keeps a unit of the old lines. Readers are not held up. Locks nothing itself.
CREATE OR REPLACE FUNCTION geo.resolve_after_unit_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF current_setting('ocopmap.units_changed', true) = 'yes' THEN
        PERFORM set_config('ocopmap.units_changed', '', true);
        LOCK TABLE ocop.producer, ocop.sales_point, geo.zone IN SHARE ROW EXCLUSIVE MODE;
        PERFORM geo.resolve_everything();
    END IF;
    RETURN NULL;
END
$$;
