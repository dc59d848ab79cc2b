-- What the row-level policies stand on. The policies themselves come from data/access.csv by `ocopmap access apply`
-- (docs/adr/0010). Locks nothing.
CREATE TABLE auth.access_state (                            -- what was applied last
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    signature  text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- The last day's end of the acting grant's unit: what a role of the old districts may still read began before it.
CREATE FUNCTION auth.unit_end() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT u.valid_to FROM geo.admin_unit u WHERE u.unit_key = (auth.acting()).unit_key $$;
REVOKE ALL ON FUNCTION auth.unit_end() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.unit_end() TO ocopmap_public;

-- What all who sign in may do. Whoever writes a record needs what its triggers look up: units and lineages, which pub shows to
-- everybody anyhow.
DO $$
DECLARE
    member text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ocopmap_member') THEN
        CREATE ROLE ocopmap_member NOLOGIN;
    END IF;
    FOREACH member IN ARRAY ARRAY(SELECT 'ocopmap_r' || lpad(n::text, 2, '0') FROM generate_series(2, 18) n) LOOP
        IF NOT pg_has_role(member, 'ocopmap_member', 'MEMBER') THEN
            EXECUTE format('GRANT ocopmap_member TO %I', member);
        END IF;
    END LOOP;
END $$;
GRANT USAGE ON SCHEMA geo, ocop, trace TO ocopmap_member;
GRANT SELECT ON geo.lineage, geo.lineage_unit, geo.frame TO ocopmap_member;

-- Behind a policy the planner may use an index only with an operator that tells nothing about rows it rejects. The overlap of
-- two boxes compares eight numbers and cannot fail; without the mark a box over 1,000,000 rows takes 172 ms instead of 0.7.
ALTER FUNCTION public.geometry_overlaps(geometry, geometry) LEAKPROOF;

-- Other records that one of these two kinds shares ground with: what an editor is told while saving. It looks past the
-- policies, since a dispute with a neighbour's field is one whoever may see it, and gives away no more than code and share.
-- share: of the smaller of the two. same: 90 % and more, sliver: below 5 %, dispute: between.
CREATE FUNCTION geo.overlaps_of(entity text, key bigint)
RETURNS TABLE (other_key bigint, code text, share double precision, kind text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    here geometry;
BEGIN
    IF entity = 'zones' THEN
        SELECT geom INTO here FROM geo.zone WHERE zone_key = key;
    ELSIF entity = 'plots' THEN
        SELECT plot_geom INTO here FROM geo.plot WHERE plot_key = key;
    END IF;
    RETURN QUERY
    SELECT f.other_key, f.code, f.share, CASE WHEN f.share >= 0.9 THEN 'same' WHEN f.share < 0.05 THEN 'sliver' ELSE 'dispute' END
    FROM (SELECT o.other_key, o.code,
                 ST_Area(ST_Intersection(o.shape, here)::geography) / nullif(least(ST_Area(o.shape::geography), ST_Area(here::geography)), 0) AS share
          FROM (SELECT z.zone_key AS other_key, z.code, z.geom AS shape FROM geo.zone z
                WHERE entity = 'zones' AND z.geom && here AND z.zone_key <> key AND z.retired_at IS NULL AND z.valid_to IS NULL
                UNION ALL
                SELECT p.plot_key, p.plot_code, p.plot_geom FROM geo.plot p
                WHERE entity = 'plots' AND p.plot_geom && here AND p.plot_key <> key AND p.retired_at IS NULL) o
          WHERE ST_Intersects(o.shape, here)) f
    WHERE f.share > 1e-6
    ORDER BY f.share DESC, f.other_key
    LIMIT 50;
END
$$;
REVOKE ALL ON FUNCTION geo.overlaps_of(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION geo.overlaps_of(text, bigint) TO ocopmap_r02, ocopmap_r04, ocopmap_r08, ocopmap_r15;
