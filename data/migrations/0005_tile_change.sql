-- What changed on the map, for every tile node to catch up with (ADR: decisions T1-T3). Locks nothing: new tables.
-- Filled by statement triggers that `ocopmap layers apply` installs on the base tables that data/layers.toml declares.

-- One row per statement, layer and base table. xid tells the writer's transaction: a reader remembers the oldest running
-- one and reads from there again, so a change that commits late is never lost.
CREATE TABLE tile.change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    layer      text NOT NULL,
    source     text NOT NULL,                             -- the table that was written
    cover      integer[],                                 -- tiles of zoom 14 as x * 16384 + y; NULL: the whole layer
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX change_xid ON tile.change (xid);

-- TRUNCATE, a restore or an edited catalogue empty every cache: the epoch differs.
CREATE TABLE tile.epoch (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint NOT NULL DEFAULT 1
);
INSERT INTO tile.epoch DEFAULT VALUES;

-- Tile nodes and how far each has read; rows of tile.change live until every node has acknowledged them.
CREATE TABLE tile.node (
    node    text PRIMARY KEY,
    acked   xid8 NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);

-- The catalogue's declarations, as installed.
CREATE TABLE tile.depends (
    layer      text NOT NULL,
    base_table text NOT NULL,                             -- schema.name
    affected   text NOT NULL,                             -- SQL over `changed` → geometries in EPSG:3857
    boundaries text[] NOT NULL DEFAULT '{}',              -- date expressions: days on which the layer changes by itself
    PRIMARY KEY (layer, base_table)
);

-- The last business day whose beginnings and ends of validity have been turned into changes.
CREATE TABLE tile.scheduler (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    day date NOT NULL
);

-- The tiles of zoom 14 that a geometry touches; a point touches one (half-open).
CREATE FUNCTION tile.cover_of(g geometry) RETURNS SETOF integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10 SET search_path = pg_catalog, public AS
$$
DECLARE
    side CONSTANT double precision := 2445.98490512564;   -- metres of a tile
    half CONSTANT double precision := 20037508.342789244;
    x0 integer; x1 integer; y0 integer; y1 integer;
BEGIN
    IF g IS NULL OR ST_IsEmpty(g) THEN RETURN; END IF;
    x0 := greatest(0, least(16383, floor((ST_XMin(g) + half) / side)));
    x1 := greatest(0, least(16383, floor((ST_XMax(g) + half) / side)));
    y0 := greatest(0, least(16383, floor((half - ST_YMax(g)) / side)));
    y1 := greatest(0, least(16383, floor((half - ST_YMin(g)) / side)));
    FOR x IN x0..x1 LOOP
        FOR y IN y0..y1 LOOP
            IF (x0 = x1 AND y0 = y1) OR ST_Intersects(g, ST_TileEnvelope(14, x, y)) THEN RETURN NEXT x * 16384 + y; END IF;
        END LOOP;
    END LOOP;
END
$$;

-- The cells that the changed rows touch, as a query.
CREATE FUNCTION tile.cells_query(rows_query text, affected text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS
$$
    SELECT format('WITH changed AS (%s), affected (g) AS MATERIALIZED (%s)
                   SELECT array_agg(DISTINCT c) FROM affected, tile.cover_of(g) c WHERE g IS NOT NULL', rows_query, affected)
$$;
-- cells: NULL or too many: all of the layer.
CREATE FUNCTION tile.put_change(layer text, base text, cells integer[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS
$$
    INSERT INTO tile.change (layer, source, cover) VALUES ($1, $2, CASE WHEN cardinality($3) <= 4000 THEN $3 END);
    SELECT pg_notify('ocopmap_tile', '');
$$;

-- Turns the rows of a query into changes of the layers that depend on the table. many: more rows than worth telling apart.
CREATE FUNCTION tile.touch(base text, rows_query text, many boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    d     record;
    cells integer[];
BEGIN
    FOR d IN SELECT layer, affected FROM tile.depends WHERE base_table = base LOOP
        IF many THEN
            cells := NULL;
        ELSE
            EXECUTE tile.cells_query(rows_query, d.affected) INTO cells;
            CONTINUE WHEN cells IS NULL;
        END IF;
        PERFORM tile.put_change(d.layer, base, cells);
    END LOOP;
END
$$;

-- The one trigger function: SECURITY DEFINER, since an ordinary writer has no right on tile.change; one statement
-- trigger per event, since transition tables are refused for several events at once.
CREATE FUNCTION tile.note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off AS
$$
DECLARE
    rows_query text := CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_rows' WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
                                  ELSE 'SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows' END;
    base  text := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
    d     record;
    cells integer[];
    n     integer;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM (%s) r LIMIT 4001) counted', rows_query) INTO n;
    IF n = 0 THEN RETURN NULL; END IF;
    -- Not through tile.touch: the changed rows can be seen in the trigger function only, not in what it calls.
    FOR d IN SELECT layer, affected FROM tile.depends WHERE base_table = base LOOP
        cells := NULL;
        IF n <= 4000 THEN
            EXECUTE tile.cells_query(rows_query, d.affected) INTO cells;
            CONTINUE WHEN cells IS NULL;
        END IF;
        PERFORM tile.put_change(d.layer, base, cells);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION tile.bump_epoch() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS
$$ UPDATE tile.epoch SET epoch = epoch + 1; SELECT pg_notify('ocopmap_tile', ''); $$;

CREATE FUNCTION tile.note_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ BEGIN PERFORM tile.bump_epoch(); RETURN NULL; END $$;

-- Puts the triggers on every declared table and takes them off all others.
CREATE FUNCTION tile.install_triggers() RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    t record;
    n integer := 0;
BEGIN
    FOR t IN SELECT tg.tgname, tg.tgrelid::regclass AS rel FROM pg_trigger tg
             WHERE tg.tgname LIKE 'ocopmap\_tile\_%' AND NOT tg.tgisinternal LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.rel);
    END LOOP;
    FOR t IN SELECT DISTINCT base_table::regclass AS rel FROM tile.depends LOOP
        EXECUTE format('CREATE TRIGGER ocopmap_tile_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION tile.note_change()', t.rel);
        EXECUTE format('CREATE TRIGGER ocopmap_tile_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION tile.note_change()', t.rel);
        EXECUTE format('CREATE TRIGGER ocopmap_tile_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION tile.note_change()', t.rel);
        EXECUTE format('CREATE TRIGGER ocopmap_tile_truncate AFTER TRUNCATE ON %s
                        FOR EACH STATEMENT EXECUTE FUNCTION tile.note_truncate()', t.rel);
        n := n + 1;
    END LOOP;
    RETURN n;
END
$$;

-- Turns the validities that begin or end after the last day seen, up to today, into changes. One node does it.
CREATE FUNCTION tile.advance_day(today date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    last date;
    t    record;
    condition text;
    touched integer := 0;
    n    integer;
BEGIN
    INSERT INTO tile.scheduler (day) VALUES (today) ON CONFLICT DO NOTHING;
    SELECT day INTO last FROM tile.scheduler FOR UPDATE;
    IF last >= today THEN RETURN 0; END IF;
    FOR t IN SELECT base_table, array_agg(DISTINCT b) AS expressions FROM tile.depends, unnest(boundaries) b GROUP BY 1 LOOP
        SELECT string_agg(format('(%s) > %L AND (%1$s) <= %3$L', e, last, today), ' OR ') INTO condition FROM unnest(t.expressions) e;
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %s WHERE %s LIMIT 4001) counted', t.base_table::regclass, condition) INTO n;
        IF n > 0 THEN
            PERFORM tile.touch(t.base_table, format('SELECT * FROM %s WHERE %s', t.base_table::regclass, condition), n > 4000);
            touched := touched + n;
        END IF;
    END LOOP;
    UPDATE tile.scheduler SET day = today;
    RETURN touched;
END
$$;

-- What a node's cache was made from: the epoch, and which server, history and database. It differs after a restore.
CREATE FUNCTION tile.state() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT format('%s/%s/%s/%s', (SELECT epoch FROM tile.epoch), (SELECT system_identifier FROM pg_control_system()),
                 (SELECT timeline_id FROM pg_control_checkpoint()), (SELECT oid FROM pg_database WHERE datname = current_database())) $$;

-- Makes a node known, from now on. Its cache must be empty.
CREATE FUNCTION tile.register_node(name text) RETURNS xid8
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    INSERT INTO tile.node (node, acked) VALUES (name, pg_snapshot_xmin(pg_current_snapshot()))
    ON CONFLICT (node) DO UPDATE SET acked = excluded.acked, seen_at = now() RETURNING acked
$$;
-- Where a known node goes on; NULL: unknown, or away for so long that its rows are gone.
CREATE FUNCTION tile.node_position(name text) RETURNS xid8
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT acked FROM tile.node WHERE node = name $$;

-- The node has applied everything below the position. Rows that all nodes have applied go; so do nodes away for a day.
CREATE FUNCTION tile.acknowledge(name text, applied xid8) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    known boolean;
BEGIN
    UPDATE tile.node SET acked = applied, seen_at = now() WHERE node = name;
    known := FOUND;
    DELETE FROM tile.node WHERE seen_at < now() - interval '1 day';
    DELETE FROM tile.change WHERE xid < (SELECT min(acked) FROM tile.node);
    RETURN known;
END
$$;

REVOKE ALL ON FUNCTION tile.cells_query(text, text), tile.put_change(text, text, integer[]), tile.touch(text, text, boolean), tile.note_change(), tile.bump_epoch(), tile.note_truncate(), tile.install_triggers(),
    tile.advance_day(date), tile.state(), tile.register_node(text), tile.node_position(text), tile.acknowledge(text, xid8) FROM PUBLIC;
GRANT USAGE ON SCHEMA tile TO ocopmap_tiles;
GRANT SELECT ON tile.change TO ocopmap_tiles;
GRANT EXECUTE ON FUNCTION tile.advance_day(date), tile.state(), tile.register_node(text), tile.node_position(text),
    tile.acknowledge(text, xid8) TO ocopmap_tiles;
