-- A change says which part of each tile of zoom 14 it lies in, so that a tile's neighbours stay where nothing reaches them; and outlines
-- that are generalised anew refresh the units whose lines differ, not the whole layer. Rewrites tile.change, which holds what nodes have
-- not read yet: they take it as the whole of its layers.
ALTER TABLE tile.change ALTER COLUMN cover TYPE bigint[] USING NULL;
COMMENT ON COLUMN tile.change.cover IS 'tiles of zoom 14 as tile.cover_of() makes them; NULL: the whole layer';

-- The tiles of zoom 14 that a geometry touches; a point touches one (half-open). Each as x * 16384 + y, then four bits for the corners of the tile
-- that the geometry comes near (a sixteenth of its side: 1 north-west, 2 north-east, 4 south-west, 8 south-east), then four times four bits for a box of
-- sixteenths of the tile that holds the geometry's part: west, north, east, south, both ends included.
DROP FUNCTION tile.cover_of(geometry);
CREATE FUNCTION tile.cover_of(g geometry) RETURNS SETOF bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10 SET search_path = pg_catalog, public AS
$$
DECLARE
    side CONSTANT double precision := 2445.98490512564;   -- metres of a tile
    half CONSTANT double precision := 20037508.342789244;
    strip geometry; part geometry;
    x0 integer; x1 integer; y0 integer; y1 integer;
    w integer; n integer; e integer; s integer; corners integer;
BEGIN
    IF g IS NULL OR ST_IsEmpty(g) THEN RETURN; END IF;
    x0 := greatest(0, least(16383, floor((ST_XMin(g) + half) / side)));
    x1 := greatest(0, least(16383, floor((ST_XMax(g) + half) / side)));
    FOR x IN x0..x1 LOOP
        -- column by column: a large outline is cut into long strips first, and only those into tiles
        strip := CASE WHEN x0 = x1 THEN g
                 ELSE coalesce(ST_ClipByBox2D(g, ST_MakeEnvelope(x * side - half, ST_YMin(g) - 1, (x + 1) * side - half, ST_YMax(g) + 1, 3857)), g) END;
        CONTINUE WHEN ST_IsEmpty(strip);
        y0 := greatest(0, least(16383, floor((half - ST_YMax(strip)) / side)));
        y1 := greatest(0, least(16383, floor((half - ST_YMin(strip)) / side)));
        FOR y IN y0..y1 LOOP
            part := CASE WHEN y0 = y1 THEN strip ELSE coalesce(ST_ClipByBox2D(strip, ST_TileEnvelope(14, x, y)), strip) END;
            CONTINUE WHEN ST_IsEmpty(part);
            w := greatest(0, least(15, floor(((ST_XMin(part) + half) / side - x) * 16)));
            n := greatest(0, least(15, floor(((half - ST_YMax(part)) / side - y) * 16)));
            e := greatest(0, least(15, floor(((ST_XMax(part) + half) / side - x) * 16)));
            s := greatest(0, least(15, floor(((half - ST_YMin(part)) / side - y) * 16)));
            -- A line from one side to another has a box that holds the corner between them, which it may not come near.
            corners := 0;
            IF w = 0 AND n = 0 AND ST_Intersects(part, ST_TileEnvelope(18, 16 * x, 16 * y)) THEN corners := 1; END IF;
            IF e = 15 AND n = 0 AND ST_Intersects(part, ST_TileEnvelope(18, 16 * x + 15, 16 * y)) THEN corners := corners + 2; END IF;
            IF w = 0 AND s = 15 AND ST_Intersects(part, ST_TileEnvelope(18, 16 * x, 16 * y + 15)) THEN corners := corners + 4; END IF;
            IF e = 15 AND s = 15 AND ST_Intersects(part, ST_TileEnvelope(18, 16 * x + 15, 16 * y + 15)) THEN corners := corners + 8; END IF;
            RETURN NEXT (x * 16384 + y)::bigint * 1048576 + corners * 65536 + w * 4096 + n * 256 + e * 16 + s;
        END LOOP;
    END LOOP;
END
$$;

-- The cells that the changed rows touch, as a query: a cell once, with the box around all that touches it.
CREATE OR REPLACE FUNCTION tile.cells_query(rows_query text, affected text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS
$$
    SELECT format('WITH changed AS (%s), affected (g) AS MATERIALIZED (%s)
                   SELECT array_agg(cell) FROM (
                       SELECT (c >> 20) * 1048576 + bit_or(c >> 16 & 15) * 65536 + min(c >> 12 & 15) * 4096 + min(c >> 8 & 15) * 256 + max(c >> 4 & 15) * 16 + max(c & 15) AS cell
                       FROM affected, tile.cover_of(g) c WHERE g IS NOT NULL GROUP BY c >> 20) cells', rows_query, affected)
$$;
-- cells: NULL or too many: all of the layer.
DROP FUNCTION tile.put_change(text, text, integer[]);
CREATE FUNCTION tile.put_change(layer text, base text, cells bigint[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS
$$
    INSERT INTO tile.change (layer, source, cover) VALUES ($1, $2, CASE WHEN cardinality($3) <= 4000 THEN $3 END);
    SELECT pg_notify('ocopmap_tile', '');
$$;
REVOKE ALL ON FUNCTION tile.put_change(text, text, bigint[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tile.touch(base text, rows_query text, many boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    d     record;
    cells bigint[];
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

CREATE OR REPLACE FUNCTION tile.note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off SET enable_nestloop = on AS
$$
DECLARE
    base  text := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
    rows_query text;
    d     record;
    cells bigint[];
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

-- Builds the frames whose units or outlines differ from what was built; returns how many. 0.7 s for 148 communes.
CREATE OR REPLACE FUNCTION tile.refresh_levels() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET statement_timeout = '10min' SET client_min_messages = warning AS
$$
DECLARE
    f record;
    n integer := 0;
    cells bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ocopmap tile levels'));
    FOR f IN
        WITH outline AS MATERIALIZED (
            SELECT unit_key, level, valid_from, valid_to, md5(ST_AsBinary(geom_3857)) AS hash FROM geo.admin_unit WHERE geom IS NOT NULL),
        wanted AS (
            SELECT d.level, d.day, md5(string_agg(o.unit_key || ':' || o.hash, ',' ORDER BY o.unit_key)) AS signature
            FROM (SELECT level, valid_from AS day FROM outline UNION SELECT level, valid_to FROM outline WHERE valid_to IS NOT NULL) d
            JOIN outline o ON o.level = d.level AND o.valid_from <= d.day AND (o.valid_to IS NULL OR o.valid_to > d.day)
            GROUP BY 1, 2)
        SELECT coalesce(w.level, b.level) AS level, coalesce(w.day, b.frame_from) AS day, w.signature, b.frame_from IS NOT NULL AS was_there
        FROM wanted w FULL JOIN tile.level_frame b ON b.level = w.level AND b.frame_from = w.day
        WHERE w.signature IS DISTINCT FROM b.signature
        ORDER BY 2 DESC, 1
    LOOP
        DROP TABLE IF EXISTS pg_temp.former_level;
        CREATE TEMP TABLE former_level AS SELECT zoom, unit_key, geom FROM tile.unit_level WHERE level = f.level AND frame_from = f.day;
        DELETE FROM tile.level_frame WHERE level = f.level AND frame_from = f.day;
        IF f.signature IS NOT NULL THEN
            INSERT INTO tile.level_frame (level, frame_from, signature) VALUES (f.level, f.day, f.signature);
            BEGIN
                PERFORM tile.build_frame(f.level, f.day);
            EXCEPTION WHEN internal_error OR data_exception THEN   -- lines GEOS cannot node: tiles use the record's own outlines
                RAISE WARNING 'no generalised outlines for % from %: %', f.level, f.day, SQLERRM;
            END;
        END IF;
        -- A frame that was not there and is now, or the other way, is drawn from other outlines everywhere.
        IF EXISTS (SELECT FROM pg_temp.former_level) AND EXISTS (SELECT FROM tile.unit_level WHERE level = f.level AND frame_from = f.day) THEN
            EXECUTE tile.cells_query('SELECT 1', format(
                'SELECT unnest(ARRAY[o.geom, n.geom]) FROM pg_temp.former_level o
                 FULL JOIN (SELECT zoom, unit_key, geom FROM tile.unit_level WHERE level = %L AND frame_from = %L) n USING (zoom, unit_key)
                 WHERE o.geom IS NULL OR n.geom IS NULL OR ST_AsBinary(o.geom) <> ST_AsBinary(n.geom)', f.level, f.day)) INTO cells;
            IF cells IS NOT NULL THEN PERFORM tile.put_change(f.level::text || 's', 'tile.unit_level', cells); END IF;
        ELSE
            PERFORM tile.put_change(f.level::text || 's', 'tile.unit_level', NULL);
        END IF;
        n := n + 1;
    END LOOP;
    RETURN n;
END
$$;
