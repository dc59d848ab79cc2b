-- A stamp of everything figures and facets are made from, so that a service may keep a figure and still never show an old
-- one: each transaction that changes such a table leaves one row; the stamp is a digest of the rows a reader sees, so it
-- changes exactly when the change becomes visible to that reader (no clock, no commit order; see ADR 5).
CREATE TABLE ocop.figure_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    noted_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION ocop.note_figure_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF coalesce(current_setting('ocopmap.figures_noted', true), '') = '' THEN
        PERFORM set_config('ocopmap.figures_noted', 'yes', true);
        INSERT INTO ocop.figure_change DEFAULT VALUES;
        -- Old rows go; SKIP LOCKED, so that nobody waits for another's long transaction.
        DELETE FROM ocop.figure_change WHERE change_id IN (
            SELECT c.change_id FROM ocop.figure_change c WHERE c.noted_at < clock_timestamp() - interval '10 minutes'
            FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN NULL;
END
$$;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ocop.product', 'ocop.producer', 'ocop.certificate', 'ocop.product_zone', 'ocop.product_class', 'geo.zone',
                                'geo.admin_unit', 'geo.admin_change', 'geo.lineage_unit', 'geo.frame'] LOOP
        EXECUTE format('CREATE TRIGGER figure_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s
                        FOR EACH STATEMENT EXECUTE FUNCTION ocop.note_figure_change()', name);
    END LOOP;
END $$;

CREATE FUNCTION pub.figure_stamp() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()) || coalesce(md5(string_agg(change_id::text, ',' ORDER BY change_id)), '')
   FROM ocop.figure_change $$;
