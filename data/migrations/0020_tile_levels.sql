-- Generalised geometry for tiles, and the sources that tiles read. Locks geo.zone and geo.context_line while their new
-- columns are computed.

-- Zones and lines stand alone: one simplified copy each, kept by the row itself.
ALTER TABLE geo.zone ADD COLUMN geom_coarse geometry(MultiPolygon, 3857)
    GENERATED ALWAYS AS (ST_Multi(ST_SimplifyPreserveTopology(ST_Transform(geom, 3857), 25))) STORED;
ALTER TABLE geo.context_line ADD COLUMN geom_coarse geometry(MultiLineString, 3857)
    GENERATED ALWAYS AS (ST_Multi(ST_Simplify(ST_Transform(geom, 3857), 60, true))) STORED;
CREATE INDEX zone_geom_coarse ON geo.zone USING gist (geom_coarse);

CREATE VIEW tile.zone AS
    SELECT zone_key, code, name, crop, area_ha, valid_from, valid_to, is_demo, geom_3857, geom_coarse
    FROM geo.zone WHERE valid_from <= pub.at() AND (valid_to IS NULL OR valid_to > pub.at());
CREATE VIEW tile.shoreline AS SELECT line_key, name, source, geom_3857, geom_coarse FROM geo.context_line WHERE kind = 'shoreline';
CREATE VIEW tile.river AS SELECT line_key, name, source, geom_3857, geom_coarse FROM geo.context_line WHERE kind = 'river';

-- The same rows as pub.product with no more than clusters need: one hash join instead of a look-up a product.
CREATE VIEW tile.product AS
    SELECT p.product_key, c.star, m.public_geom_3857 AS geom_3857
    FROM ocop.product p
    JOIN ocop.producer m USING (producer_key)
    LEFT JOIN ocop.certificate c ON c.product_key = p.product_key AND c.in_force @> (SELECT pub.at())
    WHERE p.is_published AND m.is_published AND p.registered_on <= (SELECT pub.at());

-- Products with a certificate in force on pub.at(), and their producers, by lineage (S1). Sums over lineages are the
-- figures of every frame.
-- The three conditions say in_force @> pub.at() in a way whose share the planner guesses well (hash joins); producers are
-- counted without a sort. 90 ms at 100,000 products.
CREATE VIEW tile.lineage_figure AS
    SELECT m.lineage_key, sum(counted.products)::int AS products, count(*)::int AS producers
    FROM (SELECT p.producer_key, count(*) AS products
          FROM ocop.certificate c
          JOIN ocop.product p USING (product_key)
          WHERE c.issued_on <= (SELECT pub.at()) AND c.valid_to > (SELECT pub.at()) AND (c.revoked_on IS NULL OR c.revoked_on > (SELECT pub.at()))
            AND p.is_published AND p.registered_on <= (SELECT pub.at())
          GROUP BY p.producer_key) counted
    JOIN ocop.producer m USING (producer_key)
    WHERE m.is_published
    GROUP BY m.lineage_key;

-- Units generalised together, so that a border stays one line for both neighbours at every zoom: all borders of a frame
-- (the units of a level in force from a day on) as one set of lines, simplified without crossings, rounded to the grid of
-- that zoom's tiles (4,096 units a tile) with full noding, and made into areas again. Every vertex lies on the tile grid.
CREATE TABLE tile.level_frame (
    level      geo.unit_level NOT NULL,
    frame_from date NOT NULL,
    signature  text NOT NULL,
    built_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (level, frame_from)
);
CREATE TABLE tile.unit_level (
    level      geo.unit_level NOT NULL,
    frame_from date NOT NULL,
    zoom       smallint NOT NULL,
    unit_key   bigint NOT NULL,
    geom       geometry(MultiPolygon, 3857) NOT NULL,
    PRIMARY KEY (level, frame_from, zoom, unit_key),
    FOREIGN KEY (level, frame_from) REFERENCES tile.level_frame ON DELETE CASCADE
);

CREATE FUNCTION tile.build_frame(of_level geo.unit_level, day date) RETURNS void
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
        SELECT of_level, day, z, owner.unit_key, ST_Multi(ST_Union(face.geom))
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
CREATE FUNCTION tile.refresh_levels() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET statement_timeout = '10min' AS
$$
DECLARE
    f record;
    n integer := 0;
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
        DELETE FROM tile.level_frame WHERE level = f.level AND frame_from = f.day;
        IF f.signature IS NOT NULL THEN
            INSERT INTO tile.level_frame (level, frame_from, signature) VALUES (f.level, f.day, f.signature);
            BEGIN
                PERFORM tile.build_frame(f.level, f.day);
            EXCEPTION WHEN internal_error OR data_exception THEN   -- lines GEOS cannot node: tiles use the record's own outlines
                RAISE WARNING 'no generalised outlines for % from %: %', f.level, f.day, SQLERRM;
            END;
        END IF;
        INSERT INTO tile.change (layer, source) VALUES (f.level::text || 's', 'tile.unit_level');
        n := n + 1;
    END LOOP;
    IF n > 0 THEN PERFORM pg_notify('ocopmap_tile', ''); END IF;
    RETURN n;
END
$$;
REVOKE ALL ON FUNCTION tile.build_frame(geo.unit_level, date), tile.refresh_levels() FROM PUBLIC;
GRANT SELECT ON tile.zone, tile.shoreline, tile.river, tile.product, tile.lineage_figure, tile.level_frame, tile.unit_level TO ocopmap_tiles;
GRANT EXECUTE ON FUNCTION tile.refresh_levels() TO ocopmap_tiles;
-- Queries of the services name the type geo.unit_level; no table of geo is readable for it.
GRANT USAGE ON SCHEMA geo TO ocopmap_public;
