-- A retired row leaves every list, and lineages that are resolved anew reach the new tables too.
-- Locks ocop.certificate while its exclusion constraint is made again (1 s for 100,000 certificates).

-- A producer or product: retiring takes it out of publication; bringing it back leaves that to its owner.
CREATE FUNCTION ocop.unpublish_retired() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN NEW.is_published := false; RETURN NEW; END $$;
CREATE TRIGGER a_retired BEFORE UPDATE ON ocop.producer FOR EACH ROW
    WHEN (NEW.retired_at IS NOT NULL AND NEW.is_published) EXECUTE FUNCTION ocop.unpublish_retired();
CREATE FUNCTION ocop.hide_retired() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN NEW.is_published := false; NEW.publish_status := 'hidden'; RETURN NEW; END $$;
CREATE TRIGGER z_retired BEFORE UPDATE ON ocop.product FOR EACH ROW
    WHEN (NEW.retired_at IS NOT NULL AND (NEW.is_published OR NEW.publish_status = 'public')) EXECUTE FUNCTION ocop.hide_retired();

-- A certificate entered by mistake: gone from every list, and no hindrance to the right one.
ALTER TABLE ocop.certificate
    DROP CONSTRAINT certificate_product_key_daterange_excl,
    ADD EXCLUDE USING gist (product_key WITH =, daterange(issued_on, greatest(issued_on, least(valid_to, revoked_on))) WITH &&) WHERE (retired_at IS NULL);
CREATE OR REPLACE VIEW pub.certificate AS
    SELECT certificate_key, product_key, star, decision_no, decided_by, issued_on, valid_to, revoked_on, in_force,
           CASE WHEN revoked_on <= pub.at() THEN 'revoked'
                WHEN valid_to <= pub.at() THEN 'expired'
                WHEN valid_to <= pub.at() + 180 THEN 'expiring'
                ELSE 'valid' END AS state
    FROM ocop.certificate WHERE issued_on <= pub.at() AND retired_at IS NULL;
CREATE OR REPLACE FUNCTION ocop.derive_product_periods(keys bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
BEGIN
    -- Whoever derives a product waits for whoever changes it or its producer: each then sees the other's rows.
    PERFORM FROM ocop.product p WHERE p.product_key = ANY (keys) ORDER BY p.product_key FOR NO KEY UPDATE;
    PERFORM FROM ocop.producer m WHERE m.producer_key IN (SELECT p.producer_key FROM ocop.product p WHERE p.product_key = ANY (keys))
    ORDER BY m.producer_key FOR SHARE;
    DELETE FROM ocop.product_period d WHERE d.product_key = ANY (keys);
    INSERT INTO ocop.product_period
    SELECT p.product_key, s.since, s.until, p.is_published AND m.is_published,
           s.star, s.valid_to, s.revoked_on, m.lineage_key, s.certificate_key, p.producer_key, m.unit_key,
           p.registered_on, p.is_demo, m.public_geom_approximate, p.class_code, m.public_geom,
           p.name, lower(p.name), p.name_folded, m.name, pub.words(p.name_folded), pub.words(p.name_folded || ' ' || m.name_folded)
    FROM ocop.product p
    JOIN ocop.producer m USING (producer_key)
    CROSS JOIN LATERAL (
        SELECT greatest(p.registered_on, e.starts) AS since,
               greatest(p.registered_on, lead(e.starts, 1, 'infinity') OVER (ORDER BY e.starts, e.counts, e.certificate_key)) AS until,
               e.certificate_key, e.star, e.valid_to, e.revoked_on
        FROM (SELECT '-infinity'::date AS starts, false AS counts, NULL::bigint AS certificate_key, NULL::smallint AS star,
                     NULL::date AS valid_to, NULL::date AS revoked_on
              UNION ALL
              SELECT k.issued_on, NOT isempty(k.in_force), k.certificate_key, k.star, k.valid_to, k.revoked_on
              FROM ocop.certificate k WHERE k.product_key = p.product_key AND k.retired_at IS NULL) e) s
    WHERE p.product_key = ANY (keys) AND s.since < s.until;
    PERFORM ocop.note_words(array_agg(DISTINCT p.name_folded)) FROM ocop.product p WHERE p.product_key = ANY (keys);
END
$$;
CREATE OR REPLACE VIEW tile.product AS
    SELECT p.product_key, c.star, m.public_geom_3857 AS geom_3857
    FROM ocop.product p
    JOIN ocop.producer m USING (producer_key)
    LEFT JOIN ocop.certificate c ON c.product_key = p.product_key AND c.in_force @> (SELECT pub.at()) AND c.retired_at IS NULL
    WHERE p.is_published AND m.is_published AND p.registered_on <= (SELECT pub.at());
CREATE OR REPLACE VIEW tile.lineage_figure AS
    SELECT m.lineage_key, sum(counted.products)::int AS products, count(*)::int AS producers
    FROM (SELECT p.producer_key, count(*) AS products
          FROM ocop.certificate c
          JOIN ocop.product p USING (product_key)
          WHERE c.issued_on <= (SELECT pub.at()) AND c.valid_to > (SELECT pub.at()) AND (c.revoked_on IS NULL OR c.revoked_on > (SELECT pub.at()))
            AND c.retired_at IS NULL AND p.is_published AND p.registered_on <= (SELECT pub.at())
          GROUP BY p.producer_key) counted
    JOIN ocop.producer m USING (producer_key)
    WHERE m.is_published
    GROUP BY m.lineage_key;

-- Zones and sales points.
CREATE OR REPLACE VIEW pub.zone AS
    SELECT zone_key, code, name, crop, valid_from, valid_to, lineage_key, unit_key, is_demo, area_ha, name_folded, geom, geom_3857
    FROM geo.zone WHERE valid_from <= pub.at() AND (valid_to IS NULL OR valid_to > pub.at()) AND retired_at IS NULL;
CREATE OR REPLACE VIEW pub.zone_version AS
    SELECT zone_key, code, name, crop, valid_from, valid_to, lineage_key, unit_key, is_demo, area_ha, name_folded, geom, geom_3857
    FROM geo.zone WHERE retired_at IS NULL;
CREATE OR REPLACE VIEW tile.zone AS
    SELECT zone_key, code, name, crop, area_ha, valid_from, valid_to, is_demo, geom_3857, geom_coarse
    FROM geo.zone WHERE valid_from <= pub.at() AND (valid_to IS NULL OR valid_to > pub.at()) AND retired_at IS NULL;
CREATE OR REPLACE VIEW pub.sales_point AS
    SELECT sales_point_key, name, kind, address, opened_on, closed_on, unit_key, unit_match, lineage_key, is_demo, name_folded, geom, geom_3857
    FROM ocop.sales_point WHERE opened_on <= pub.at() AND (closed_on IS NULL OR closed_on > pub.at()) AND retired_at IS NULL;
CREATE OR REPLACE VIEW pub.sales_point_version AS
    SELECT sales_point_key, name, kind, address, opened_on, closed_on, unit_key, unit_match, lineage_key, is_demo, name_folded, geom, geom_3857
    FROM ocop.sales_point WHERE retired_at IS NULL;

CREATE OR REPLACE FUNCTION geo.resolve_everything() RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    written bigint := 0;
    n       bigint;
    today   CONSTANT date := pub.business_date();
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
    -- What has a place of its own and is no part of any figure; children of what changed above have followed already.
    UPDATE geo.hamlet h SET lineage_key = q.lineage_key
    FROM geo.hamlet q CROSS JOIN LATERAL geo.resolve(NULL, today, geo.unit_of_code(q.hamlet_unit_code, today)) r
    WHERE h.hamlet_key = q.hamlet_key AND (q.unit_key, q.lineage_key) IS DISTINCT FROM (r.unit_key, r.lineage_key);
    UPDATE ocop.facility f SET lineage_key = q.lineage_key
    FROM ocop.facility q CROSS JOIN LATERAL geo.resolve(q.facility_geom, today, geo.unit_of_code(q.facility_unit_code, today)) r
    WHERE f.facility_key = q.facility_key AND (q.unit_key, q.lineage_key) IS DISTINCT FROM (r.unit_key, r.lineage_key)
      AND (r.lineage_key IS NOT NULL OR NOT EXISTS (SELECT FROM geo.lineage_unit lu WHERE lu.lineage_key = q.lineage_key));
    UPDATE geo.plot p SET lineage_key = q.lineage_key
    FROM geo.plot q CROSS JOIN LATERAL geo.resolve(ST_PointOnSurface(q.plot_geom), coalesce(q.survey_date, today), NULL) r
    WHERE p.plot_key = q.plot_key AND (q.unit_key, q.lineage_key) IS DISTINCT FROM (r.unit_key, r.lineage_key)
      AND (r.lineage_key IS NOT NULL OR NOT EXISTS (SELECT FROM geo.lineage_unit lu WHERE lu.lineage_key = q.lineage_key));
    DELETE FROM geo.lineage l WHERE NOT EXISTS (SELECT FROM geo.lineage_unit lu WHERE lu.lineage_key = l.lineage_key);
    RETURN written;
END
$$;
