-- What every table of the record has in common, in one place each: an external id, a version that counts edits, soft
-- retirement, and the scope (whose row is it, in which territory) that row-level policies compare. ADR 7.
-- Locks nothing: functions and one new table.
CREATE SCHEMA trace;  -- lots, identifiers, labels, events, scans, recalls
GRANT USAGE ON SCHEMA trace TO ocopmap_editor;
ALTER DEFAULT PRIVILEGES IN SCHEMA trace GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ocopmap_editor;
ALTER DEFAULT PRIVILEGES IN SCHEMA trace GRANT USAGE ON SEQUENCES TO ocopmap_editor;

CREATE FUNCTION geo.touch_record() RETURNS trigger
LANGUAGE plpgsql AS
$$ BEGIN NEW.version := OLD.version + 1; NEW.created_at := OLD.created_at; NEW.updated_at := now(); RETURN NEW; END $$;

-- Gives a table the columns and the trigger of a record. A column that is there already stays.
CREATE FUNCTION geo.become_record(of_table regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS
$$
BEGIN
    EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS external_id text UNIQUE,
                        ADD COLUMN IF NOT EXISTS version integer NOT NULL DEFAULT 1,
                        ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
                        ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now(),
                        ADD COLUMN IF NOT EXISTS retired_at timestamptz', of_table);
    EXECUTE format('CREATE TRIGGER record_touch BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION geo.touch_record()', of_table);
END
$$;

-- Which table takes its scope from which, by which column.
CREATE TABLE geo.scope_rule (
    child      regclass NOT NULL,
    parent     regclass NOT NULL,
    column_name name NOT NULL,                            -- of the child: the parent's key
    parent_key name NOT NULL,
    PRIMARY KEY (child)
);

-- AFTER UPDATE of a parent: where its scope has changed, its children take it on, and so on downwards. Argument: its key.
CREATE FUNCTION geo.scope_to_children() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    moved bigint[];
    rule  record;
BEGIN
    EXECUTE format('SELECT array_agg(n.%1$I) FROM new_rows n JOIN old_rows o USING (%1$I)
                    WHERE (n.producer_key, n.lineage_key) IS DISTINCT FROM (o.producer_key, o.lineage_key)', TG_ARGV[0]) INTO moved;
    IF moved IS NULL THEN RETURN NULL; END IF;
    FOR rule IN SELECT child, column_name FROM geo.scope_rule WHERE parent = TG_RELID ORDER BY child::text LOOP
        EXECUTE format('UPDATE %s SET lineage_key = lineage_key WHERE %I = ANY ($1)', rule.child, rule.column_name) USING moved;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION geo.key_of(of_table regclass) RETURNS name
LANGUAGE sql STABLE SET search_path = pg_catalog AS
$$ SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
   WHERE i.indrelid = of_table AND i.indisprimary $$;

-- An index for a key that points elsewhere, unless there is one that begins with it.
CREATE FUNCTION geo.index_key(of_table regclass, column_name name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                   WHERE i.indrelid = of_table AND a.attname = column_name AND i.indpred IS NULL) THEN
        EXECUTE format('CREATE INDEX ON %s (%I)', of_table, column_name);
    END IF;
END
$$;

-- The parent's changes of scope reach the child.
CREATE FUNCTION geo.follow_parent(child regclass, parent regclass, column_name name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    INSERT INTO geo.scope_rule VALUES (child, parent, column_name, geo.key_of(parent));
    PERFORM geo.index_key(child, column_name);
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = parent AND tgname = 'record_scope_down') THEN
        EXECUTE format('CREATE TRIGGER record_scope_down AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION geo.scope_to_children(%L)', parent, geo.key_of(parent));
    END IF;
END
$$;

-- A BEFORE trigger for one child: producer and lineage are the parent's, whatever the writer says. The parent is held FOR
-- SHARE, so that a parent that moves at the same time either sees this row or is seen by it. A function a child: its plan
-- is kept, which makes it ten times as fast as one function for all.
CREATE FUNCTION geo.take_scope(child regclass, parent regclass, column_name name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$make$
DECLARE
    scope text := (SELECT format('%I.%I', n.nspname, 'scope_of_' || c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = child);
BEGIN
    EXECUTE format($function$
        CREATE FUNCTION %1$s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
        $body$
        BEGIN
            SELECT p.producer_key, p.lineage_key INTO NEW.producer_key, NEW.lineage_key FROM %2$s p WHERE p.%3$I = NEW.%4$I FOR SHARE;
            IF NOT FOUND AND NEW.%4$I IS NOT NULL THEN
                RAISE EXCEPTION '%4$s of %5$s is %%: %2$s has no such row', NEW.%4$I USING ERRCODE = 'foreign_key_violation';
            END IF;
            RETURN NEW;
        END
        $body$ $function$, scope, parent, geo.key_of(parent), column_name, child);
    EXECUTE format('CREATE TRIGGER record_scope BEFORE INSERT OR UPDATE OF %s lineage_key, producer_key ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
                   CASE WHEN column_name <> 'producer_key' THEN quote_ident(column_name) || ',' ELSE '' END, child, scope);
END
$make$;

-- Gives a record the scope of its parent: producer_key and lineage_key, both indexed, both kept by triggers.
CREATE FUNCTION geo.become_child(child regclass, parent regclass, column_name name DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS producer_key bigint REFERENCES ocop.producer,
                                   ADD COLUMN IF NOT EXISTS lineage_key integer REFERENCES geo.lineage', child);
    PERFORM geo.index_key(child, 'producer_key');
    PERFORM geo.index_key(child, 'lineage_key');
    PERFORM geo.take_scope(child, parent, coalesce(column_name, geo.key_of(parent)));
    PERFORM geo.follow_parent(child, parent, coalesce(column_name, geo.key_of(parent)));
END
$$;

-- The version of a commune that a code means on a day; a code no longer in force means its last version.
CREATE FUNCTION geo.unit_of_code(unit_code text, on_day date) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS
$$
    SELECT u.unit_key FROM geo.admin_unit u WHERE u.level = 'commune' AND u.code = unit_code AND u.valid_from <= on_day
    ORDER BY u.valid_to IS NULL OR u.valid_to > on_day DESC, u.valid_from DESC LIMIT 1
$$;

-- The last digit of every GS1 key (GTIN, GLN, SSCC): weights 3, 1, 3, … from the right.
CREATE FUNCTION trace.is_gs1_key(key text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SET search_path = pg_catalog, pg_temp AS
$$
    SELECT CASE WHEN key ~ '^[0-9]{8,18}$' THEN
        (SELECT sum(substr(reverse(key), i, 1)::integer * CASE WHEN i % 2 = 0 THEN 3 ELSE 1 END) % 10 = 0
         FROM generate_series(1, length(key)) i) ELSE false END
$$;
