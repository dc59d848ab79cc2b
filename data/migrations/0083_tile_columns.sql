-- An edit that no layer shows leaves the tiles alone: of each base table a layer depends on certain columns, and an UPDATE
-- counts where one of those differs. `ocopmap layers apply` finds them: what the layer's views read, and what the declared
-- SQL reads of the changed rows. Locks tile.depends for a moment.
ALTER TABLE tile.depends ADD COLUMN columns text[] NOT NULL DEFAULT '{}';  -- empty until the catalogue is applied: all of them

-- The columns of a table that relations read, through other views, and that the SQL reads of `changed`.
CREATE FUNCTION tile.columns_read(base regclass, affected text, relations regclass[]) RETURNS text[]
LANGUAGE plpgsql SET search_path = public, pg_temp SET client_min_messages = warning AS
$$
DECLARE
    found text[];
BEGIN
    EXECUTE format('CREATE TEMP TABLE changed AS SELECT * FROM %s LIMIT 0', base);
    EXECUTE format('CREATE TEMP VIEW affected_by_change (g) AS %s', affected);
    WITH RECURSIVE reads AS (
        SELECT unnest(relations)::oid AS relation
        UNION
        SELECT d.refobjid FROM reads r JOIN pg_rewrite w ON w.ev_class = r.relation
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.relation),
    named AS (
        SELECT a.attname FROM reads r JOIN pg_rewrite w ON w.ev_class = r.relation
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = base
        JOIN pg_attribute a ON a.attrelid = base AND a.attnum = d.refobjsubid AND a.attnum > 0
        UNION
        SELECT a.attname FROM pg_rewrite w
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'changed'::regclass
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
        WHERE w.ev_class = 'affected_by_change'::regclass)
    SELECT array_agg(attname ORDER BY attname) INTO found FROM named;
    DROP VIEW affected_by_change;
    DROP TABLE changed;
    RETURN found;
END
$$;

-- While a load is running the planner may believe its tables empty (autovacuum counted them then), and would read whole tables
-- for each of many rows: minutes instead of milliseconds. So many rows are joined by hash.
CREATE OR REPLACE FUNCTION tile.note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off SET enable_nestloop = on AS
$$
DECLARE
    base  text := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
    rows_query text;
    d     record;
    cells integer[];
    n     integer;
BEGIN
    FOR d IN SELECT layer, affected, CASE WHEN columns = '{}' THEN '*' ELSE (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c) END AS columns
             FROM tile.depends WHERE base_table = base LOOP
        rows_query := CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_rows' WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
            ELSE format('(SELECT %1$s FROM old_rows EXCEPT ALL SELECT %1$s FROM new_rows) UNION ALL (SELECT %1$s FROM new_rows EXCEPT ALL SELECT %1$s FROM old_rows)',
                        d.columns) END;
        EXECUTE format('SELECT count(*) FROM (SELECT FROM (%s) r LIMIT 4001) counted', rows_query) INTO n;
        CONTINUE WHEN n = 0;
        cells := NULL;
        PERFORM set_config('enable_nestloop', CASE WHEN n > 100 THEN 'off' ELSE 'on' END, true);
        -- Not through tile.touch: the changed rows can be seen in the trigger function only, not in what it calls.
        IF n <= 4000 THEN
            EXECUTE tile.cells_query(rows_query, d.affected) INTO cells;
            CONTINUE WHEN cells IS NULL;
        END IF;
        PERFORM tile.put_change(d.layer, base, cells);
    END LOOP;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION tile.columns_read(regclass, text, regclass[]) FROM PUBLIC;
