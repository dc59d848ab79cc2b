-- Where a facility stands in every frame: the commune of its act, its lineage, its public position.
-- Everything here is done by triggers, so that psql, QGIS and the importer agree. Locks nothing: the tables are empty.

-- A position certainly inside the unit: labels, and where a household without consent is shown.
ALTER TABLE geo.admin_unit
    ADD COLUMN inner_point geometry(Point, 4326) GENERATED ALWAYS AS (ST_PointOnSurface(geom)) STORED;

-- How far outside every polygon (mud flats, river, sea) a facility may stand and still belong to the nearest unit.
CREATE FUNCTION geo.nearest_limit_m() RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 10000.0 $$;

-- resolve(position, act date, declared unit): the commune as of the act, how it was found, and the lineage.
-- One index scan finds the versions of all dates that hold the position; where they form a legal chain that is the
-- lineage (the usual case, about 0.1 ms). Otherwise the chains through the unit compete by distance, step by step
-- outwards from the act: the predecessor or successor that holds the position wins, else the nearest.
-- NULLs when there are no lines for that date, or no unit within nearest_limit_m().
CREATE FUNCTION geo.resolve("position" geometry, act date, declared_key bigint,
                            OUT unit_key bigint, OUT unit_match text, OUT lineage_key integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = public, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    holders bigint[];
    here    geometry := "position";
BEGIN
    IF here IS NULL OR ST_IsEmpty(here) THEN
        IF declared_key IS NULL THEN RETURN; END IF;
        SELECT u.unit_key, 'declared', u.inner_point INTO unit_key, unit_match, here
        FROM geo.admin_unit u WHERE u.unit_key = declared_key;
    ELSE
        SELECT array_agg(u.unit_key ORDER BY u.valid_from, u.unit_key),
               (array_agg(u.unit_key ORDER BY u.code) FILTER (WHERE u.valid_from <= act AND (u.valid_to IS NULL OR u.valid_to > act)))[1]
        INTO holders, unit_key
        FROM geo.admin_unit u
        WHERE u.level = 'commune' AND u.geom && here AND ST_Covers(u.geom, here);
        IF unit_key IS NOT NULL THEN
            unit_match := 'inside';
            SELECT l.lineage_key INTO lineage_key FROM geo.lineage l WHERE l.unit_keys = holders;
            IF FOUND THEN RETURN; END IF;
        ELSE
            SELECT n.unit_key INTO unit_key
            FROM (SELECT u.unit_key, u.geom FROM geo.admin_unit u
                  WHERE u.level = 'commune' AND u.geom IS NOT NULL
                    AND u.valid_from <= act AND (u.valid_to IS NULL OR u.valid_to > act)
                  ORDER BY u.geom <-> here, u.code LIMIT 1) n
            WHERE ST_DWithin(n.geom::geography, here::geography, geo.nearest_limit_m());
            IF unit_key IS NULL THEN RETURN; END IF;
            unit_match := 'nearest';
        END IF;
    END IF;

    SELECT chain.lineage_key INTO lineage_key
    FROM (
        WITH candidate AS (
            SELECT l.lineage_key, l.unit_keys, array_position(l.unit_keys, resolve.unit_key) AS own
            FROM geo.lineage_unit lu JOIN geo.lineage l USING (lineage_key) WHERE lu.unit_key = resolve.unit_key),
        member AS (
            SELECT m.unit_key, CASE WHEN m.geom IS NULL OR here IS NULL THEN 0 ELSE ST_Distance(m.geom, here) END AS distance
            FROM geo.admin_unit m
            WHERE (SELECT count(*) FROM candidate) > 1   -- one chain needs no measuring
              AND m.unit_key IN (SELECT unnest(c.unit_keys) FROM candidate c))
        SELECT c.lineage_key,
               (SELECT array_agg(m.distance ORDER BY abs(k.place - c.own), k.place)
                FROM unnest(c.unit_keys) WITH ORDINALITY k (unit_key, place) JOIN member m USING (unit_key)) AS distances
        FROM candidate c) chain
    ORDER BY chain.distances, chain.lineage_key
    LIMIT 1;
END
$$;

-- S3: a household's facility is its home. Without recorded consent it is shown at its commune's inner point;
-- so is whoever is known by commune only.
CREATE FUNCTION ocop.resolve_producer() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    found_at record;
BEGIN
    SELECT * INTO found_at FROM geo.resolve(NEW.facility_geom, NEW.registered_on,
        CASE WHEN NEW.facility_geom IS NULL THEN NEW.unit_key END);
    NEW.unit_key := found_at.unit_key;
    NEW.unit_match := found_at.unit_match;
    NEW.lineage_key := found_at.lineage_key;
    NEW.public_geom_approximate := NEW.facility_geom IS NULL OR (NEW.kind = 'household' AND NOT NEW.location_consent);
    NEW.public_geom := CASE WHEN NEW.public_geom_approximate
                            THEN (SELECT u.inner_point FROM geo.admin_unit u WHERE u.unit_key = NEW.unit_key)
                            ELSE NEW.facility_geom END;
    IF TG_OP = 'UPDATE' THEN NEW.updated_at := now(); END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER producer_resolve BEFORE INSERT OR UPDATE ON ocop.producer
    FOR EACH ROW EXECUTE FUNCTION ocop.resolve_producer();

CREATE FUNCTION ocop.resolve_sales_point() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
BEGIN
    SELECT r.unit_key, r.unit_match, r.lineage_key INTO NEW.unit_key, NEW.unit_match, NEW.lineage_key
    FROM geo.resolve(NEW.geom, NEW.opened_on, NULL) r;
    RETURN NEW;
END
$$;
CREATE TRIGGER sales_point_resolve BEFORE INSERT OR UPDATE ON ocop.sales_point
    FOR EACH ROW EXECUTE FUNCTION ocop.resolve_sales_point();

-- A zone belongs to the units of its inner point.
CREATE FUNCTION geo.resolve_zone() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
BEGIN
    SELECT r.unit_key, r.lineage_key INTO NEW.unit_key, NEW.lineage_key
    FROM geo.resolve(ST_PointOnSurface(NEW.geom), NEW.valid_from, NULL) r;
    RETURN NEW;
END
$$;
CREATE TRIGGER zone_resolve BEFORE INSERT OR UPDATE ON geo.zone
    FOR EACH ROW EXECUTE FUNCTION geo.resolve_zone();

CREATE FUNCTION ocop.touch_product() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
CREATE TRIGGER product_touch BEFORE UPDATE ON ocop.product
    FOR EACH ROW EXECUTE FUNCTION ocop.touch_product();

-- Every legal chain of commune versions becomes a lineage: one row a path of the crosswalk, from a unit without
-- predecessor to one without successor. Existing rows keep their key.
CREATE FUNCTION geo.rebuild_lineages() RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    added integer;
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS lineage_path (unit_keys bigint[] PRIMARY KEY) ON COMMIT DROP;
    TRUNCATE lineage_path;
    INSERT INTO lineage_path
    WITH RECURSIVE step AS (
        SELECT c.old_key, c.new_key FROM geo.admin_change c
        JOIN geo.admin_unit o ON o.unit_key = c.old_key AND o.level = 'commune'
        JOIN geo.admin_unit n ON n.unit_key = c.new_key AND n.level = 'commune'
    ), path AS (
        SELECT ARRAY[u.unit_key] AS unit_keys, u.unit_key AS latest FROM geo.admin_unit u
        WHERE u.level = 'commune' AND NOT EXISTS (SELECT FROM step WHERE new_key = u.unit_key)
        UNION ALL
        SELECT path.unit_keys || step.new_key, step.new_key FROM path JOIN step ON step.old_key = path.latest
        WHERE step.new_key <> ALL (path.unit_keys)         -- a circle in the crosswalk ends here
    )
    SELECT unit_keys FROM path WHERE NOT EXISTS (SELECT FROM step WHERE old_key = path.latest);

    INSERT INTO geo.lineage (unit_keys) SELECT p.unit_keys FROM lineage_path p ORDER BY p.unit_keys ON CONFLICT (unit_keys) DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
    DELETE FROM geo.lineage_unit lu
    USING geo.admin_unit u WHERE u.unit_key = lu.unit_key AND (lu.valid_from, lu.valid_to) IS DISTINCT FROM (u.valid_from, u.valid_to);
    INSERT INTO geo.lineage_unit (lineage_key, unit_key, valid_from, valid_to)
    SELECT l.lineage_key, u.unit_key, u.valid_from, u.valid_to
    FROM lineage_path p JOIN geo.lineage l USING (unit_keys) CROSS JOIN unnest(l.unit_keys) k (key)
    JOIN geo.admin_unit u ON u.unit_key = k.key
    ON CONFLICT (lineage_key, valid_from) DO NOTHING;
    -- A path that is legal no more leaves at once as a choice, and as a row when nothing points at it any longer.
    DELETE FROM geo.lineage_unit lu USING geo.lineage l
    WHERE l.lineage_key = lu.lineage_key AND NOT EXISTS (SELECT FROM lineage_path p WHERE p.unit_keys = l.unit_keys);
    UPDATE geo.lineage l SET unit_keys = ARRAY[-l.lineage_key::bigint]
    WHERE NOT EXISTS (SELECT FROM lineage_path p WHERE p.unit_keys = l.unit_keys);
    RETURN added;
END
$$;

-- Sets unit, lineage and public position of every row again; only rows that change are written.
-- About 0.15 ms a row: 10 s for 65,000. Returns the number of rows written.
CREATE FUNCTION geo.resolve_everything() RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    written bigint := 0;
    n       bigint;
BEGIN
    PERFORM geo.rebuild_lineages();
    UPDATE ocop.producer p SET unit_key = r.unit_key           -- the trigger sets the rest
    FROM ocop.producer q CROSS JOIN LATERAL
         geo.resolve(q.facility_geom, q.registered_on, CASE WHEN q.facility_geom IS NULL THEN q.unit_key END) r
         LEFT JOIN geo.admin_unit u ON u.unit_key = r.unit_key
    WHERE p.producer_key = q.producer_key
      AND ((q.unit_key, q.unit_match, q.lineage_key) IS DISTINCT FROM (r.unit_key, r.unit_match, r.lineage_key)
           OR (q.public_geom_approximate AND q.public_geom IS DISTINCT FROM u.inner_point));
    GET DIAGNOSTICS n = ROW_COUNT; written := written + n;
    UPDATE ocop.sales_point p SET unit_key = r.unit_key
    FROM ocop.sales_point q CROSS JOIN LATERAL geo.resolve(q.geom, q.opened_on, NULL) r
    WHERE p.sales_point_key = q.sales_point_key
      AND (q.unit_key, q.unit_match, q.lineage_key) IS DISTINCT FROM (r.unit_key, r.unit_match, r.lineage_key);
    GET DIAGNOSTICS n = ROW_COUNT; written := written + n;
    UPDATE geo.zone p SET unit_key = r.unit_key
    FROM geo.zone q CROSS JOIN LATERAL geo.resolve(ST_PointOnSurface(q.geom), q.valid_from, NULL) r
    WHERE p.zone_key = q.zone_key
      AND (q.unit_key, q.lineage_key) IS DISTINCT FROM (r.unit_key, r.lineage_key);
    GET DIAGNOSTICS n = ROW_COUNT; written := written + n;
    DELETE FROM geo.lineage l WHERE NOT EXISTS (SELECT FROM geo.lineage_unit lu WHERE lu.lineage_key = l.lineage_key);
    RETURN written;
END
$$;

-- Boundaries or the crosswalk changed, by whatever client: once, at the end of that transaction, all is resolved again.
-- SET LOCAL ocopmap.units_changed = '' after calling resolve_everything() oneself.
CREATE FUNCTION geo.note_unit_change() RETURNS trigger
LANGUAGE plpgsql AS
$$ BEGIN PERFORM set_config('ocopmap.units_changed', 'yes', true); RETURN NULL; END $$;
CREATE TRIGGER admin_unit_changed_insert AFTER INSERT OR DELETE ON geo.admin_unit
    FOR EACH STATEMENT EXECUTE FUNCTION geo.note_unit_change();
CREATE TRIGGER admin_unit_changed_update AFTER UPDATE OF geom, level, valid_from, valid_to ON geo.admin_unit
    FOR EACH STATEMENT EXECUTE FUNCTION geo.note_unit_change();
CREATE TRIGGER admin_change_changed AFTER INSERT OR UPDATE OR DELETE ON geo.admin_change
    FOR EACH STATEMENT EXECUTE FUNCTION geo.note_unit_change();

CREATE FUNCTION geo.resolve_after_unit_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF current_setting('ocopmap.units_changed', true) = 'yes' THEN
        PERFORM set_config('ocopmap.units_changed', '', true);
        PERFORM geo.resolve_everything();
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER admin_unit_resolve AFTER INSERT OR DELETE OR UPDATE OF geom, level, valid_from, valid_to ON geo.admin_unit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION geo.resolve_after_unit_change();
CREATE CONSTRAINT TRIGGER admin_change_resolve AFTER INSERT OR UPDATE OR DELETE ON geo.admin_change
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION geo.resolve_after_unit_change();
