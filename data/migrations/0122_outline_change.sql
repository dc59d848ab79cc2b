-- An outline that is drawn anew refreshes the tiles where it differs, not all of its unit: of its row, where nothing else differs, and of its
-- generalised outlines, which begin at one corner whatever order their lines were noded in. Where its name and figure stand is told apart, as
-- the layer unit_labels: pictures show it, tiles do not.

-- Where two outlines differ: the lines of one of them only, and the area of one of them only.
CREATE FUNCTION tile.outline_change(former geometry, present geometry) RETURNS SETOF geometry
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10 SET search_path = pg_catalog, public AS
$$
BEGIN
    IF former IS NULL OR present IS NULL OR ST_Dimension(former) < 2 OR ST_Dimension(present) < 2 THEN
        RETURN QUERY VALUES (former), (present);
        RETURN;
    END IF;
    RETURN QUERY
        WITH f AS MATERIALIZED (SELECT ST_Normalize(d.geom) AS line FROM ST_DumpSegments(former) d),
             p AS MATERIALIZED (SELECT ST_Normalize(d.geom) AS line FROM ST_DumpSegments(present) d)
        (SELECT line FROM f EXCEPT SELECT line FROM p) UNION ALL (SELECT line FROM p EXCEPT SELECT line FROM f);
    BEGIN
        RETURN QUERY SELECT d.geom FROM ST_Dump(ST_SymDifference(former, present)) d;
    EXCEPTION WHEN internal_error OR data_exception THEN   -- outlines that cannot be overlaid
        RETURN QUERY VALUES (former), (present);
    END;
END
$$;

-- The changed rows as a query, of an update of few: where only the outline of a row differs, what differs of it. Generalised lines (geom_coarse) may
-- differ far from where they were edited.
CREATE FUNCTION tile.outlines_query(columns text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS
$$
    SELECT format('SELECT %1$s, g AS geom_3857 FROM former, present, tile.outline_change(former.geom_3857, present.geom_3857) g WHERE %2$s
                   UNION ALL SELECT %1$s, former.geom_3857 FROM former WHERE NOT EXISTS (SELECT FROM present WHERE %2$s)
                   UNION ALL SELECT %3$s, present.geom_3857 FROM present WHERE NOT EXISTS (SELECT FROM former WHERE %2$s)',
                  string_agg(format('former.%I', c), ', '), string_agg(format('former.%1$I IS NOT DISTINCT FROM present.%1$I', c), ' AND '),
                  string_agg(format('present.%I', c), ', '))
    FROM unnest(columns) c WHERE c NOT IN ('geom', 'geom_3857')
$$;
REVOKE ALL ON FUNCTION tile.outlines_query(text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tile.note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off SET enable_nestloop = on AS
$$
DECLARE
    base  text := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
    former text;
    present text;
    rows_query text;
    d     record;
    cells bigint[];
    n     integer;
    is_outlines boolean;
BEGIN
    FOR d IN SELECT layer, affected, columns, CASE WHEN columns = '{}' THEN '*' ELSE (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c) END AS listed
             FROM tile.depends WHERE base_table = base LOOP
        former := format('SELECT %1$s FROM old_rows EXCEPT ALL SELECT %1$s FROM new_rows', d.listed);
        present := format('SELECT %1$s FROM new_rows EXCEPT ALL SELECT %1$s FROM old_rows', d.listed);
        rows_query := CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_rows' WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
            ELSE format('(%s) UNION ALL (%s)', former, present) END;
        EXECUTE format('SELECT count(*) FROM (SELECT FROM (%s) r LIMIT 4001) counted', rows_query) INTO n;
        CONTINUE WHEN n = 0;
        cells := NULL;
        PERFORM set_config('enable_nestloop', CASE WHEN n > 100 THEN 'off' ELSE 'on' END, true);
        is_outlines := TG_OP = 'UPDATE' AND n <= 20 AND d.columns @> '{geom_3857}' AND NOT d.columns @> '{geom_coarse}';
        IF is_outlines THEN
            rows_query := format('WITH former AS MATERIALIZED (%s), present AS MATERIALIZED (%s) %s', former, present, tile.outlines_query(d.columns));
        END IF;
        -- Not through tile.touch: the changed rows can be seen in the trigger function only, not in what it calls.
        IF n <= 4000 THEN
            EXECUTE tile.cells_query(rows_query, d.affected) INTO cells;
            CONTINUE WHEN cells IS NULL;
        END IF;
        PERFORM tile.put_change(d.layer, base, cells);
        IF is_outlines AND base = 'geo.admin_unit' THEN
            EXECUTE tile.cells_query('SELECT label_3857 FROM old_rows UNION ALL SELECT label_3857 FROM new_rows', 'SELECT label_3857 FROM changed') INTO cells;
            PERFORM tile.put_change('unit_labels', base, cells);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION tile.build_frame(of_level geo.unit_level, day date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    lines geometry;
    unit  double precision;                               -- side of a cell of the tile grid
BEGIN
    FOR z IN REVERSE 14..4 LOOP
        unit := 40075016.685578488 / (4096 * (1 << z));
        IF z = 14 THEN
            SELECT ST_LineMerge(ST_UnaryUnion(ST_Collect(ST_Boundary(u.geom_3857)), unit)) INTO lines
            FROM geo.admin_unit u
            WHERE u.level = of_level AND u.geom IS NOT NULL AND u.valid_from <= day AND (u.valid_to IS NULL OR u.valid_to > day);
        END IF;
        -- half a pixel of a tile drawn at 512 pixels; finer at the last zooms, which are drawn larger
        lines := ST_LineMerge(ST_UnaryUnion(ST_SimplifyPreserveTopology(lines, unit * CASE z WHEN 14 THEN 1 WHEN 13 THEN 2 ELSE 4 END), unit));
        INSERT INTO tile.unit_level (level, frame_from, zoom, unit_key, geom)
        WITH face AS (SELECT d.geom, ST_PointOnSurface(d.geom) AS inside FROM ST_Dump((SELECT ST_Polygonize(l) FROM (VALUES (lines)) v (l))) d)
        SELECT of_level, day, z, owner.unit_key, ST_Normalize(ST_Multi(ST_Union(face.geom)))
        FROM face CROSS JOIN LATERAL (
            SELECT u.unit_key
            FROM geo.admin_unit u
            WHERE u.level = of_level AND u.valid_from <= day AND (u.valid_to IS NULL OR u.valid_to > day) AND u.geom_3857 && face.geom
              AND (ST_Covers(u.geom_3857, face.inside) OR ST_Area(ST_Intersection(u.geom_3857, face.geom)) > 0.5 * ST_Area(face.geom))
            ORDER BY ST_Covers(u.geom_3857, face.inside) DESC, u.unit_key LIMIT 1) owner
        GROUP BY owner.unit_key;
    END LOOP;
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
                'SELECT tile.outline_change(o.geom, n.geom) FROM pg_temp.former_level o
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

UPDATE tile.unit_level SET geom = ST_Normalize(geom);
SELECT tile.put_change(layer, 'tile.unit_level', NULL) FROM unnest(ARRAY['provinces', 'districts', 'communes']) layer;
