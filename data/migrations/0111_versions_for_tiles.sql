-- Every version of what tiles show, with the days on which it is shown: [since, until). The tile daemon keeps them in memory and
-- draws any day from there. The same rows and values as the views of one day (0004, 0048) have on each. No locks on base tables.
CREATE VIEW tile.zone_version AS
    SELECT zone_key, code, name, crop, valid_from, valid_to, is_demo, area_ha, geom, geom_3857, geom_coarse
    FROM geo.zone WHERE retired_at IS NULL;

-- A product changes with its latest certificate, and with that certificate's days: 180 before its end, its end, its revocation.
CREATE VIEW tile.product_version AS
    SELECT p.product_key, s.since, s.until, p.name, p.class_code, p.description, p.registered_on, p.is_demo,
           p.producer_key, m.name AS producer_name, m.public_geom_approximate AS location_approximate,
           CASE WHEN e.certificate_key IS NULL THEN 'none'
                WHEN e.revoked_on <= s.since THEN 'revoked'
                WHEN e.valid_to <= s.since THEN 'expired'
                WHEN e.valid_to - 180 <= s.since THEN 'expiring'
                ELSE 'valid' END AS certificate_state,
           CASE WHEN s.since < least(e.valid_to, e.revoked_on) THEN e.star END AS star,
           CASE WHEN s.since < least(e.valid_to, e.revoked_on) THEN e.valid_to END AS certificate_valid_to,
           m.public_geom AS geom, m.public_geom_3857 AS geom_3857
    FROM ocop.product p
    JOIN ocop.producer m USING (producer_key)
    CROSS JOIN LATERAL (
        SELECT c.*, lead(c.starts, 1, 'infinity') OVER (ORDER BY c.starts, c.counts, c.certificate_key) AS ends
        FROM (SELECT '-infinity'::date AS starts, false AS counts, NULL::bigint AS certificate_key, NULL::smallint AS star,
                     NULL::date AS valid_to, NULL::date AS revoked_on
              UNION ALL
              SELECT k.issued_on, NOT isempty(k.in_force), k.certificate_key, k.star, k.valid_to, k.revoked_on
              FROM ocop.certificate k WHERE k.product_key = p.product_key AND k.retired_at IS NULL) c) e
    CROSS JOIN LATERAL (
        SELECT d.day AS since, lead(d.day, 1, e.ends) OVER (ORDER BY d.day) AS until
        FROM (SELECT DISTINCT greatest(p.registered_on, e.starts, t.day) AS day
              FROM unnest(ARRAY[e.starts, e.valid_to - 180, e.valid_to, e.revoked_on]) t (day) WHERE t.day IS NOT NULL) d
        WHERE d.day < e.ends) s
    WHERE p.is_published AND m.is_published;

-- tile.lineage_figure of every day: each certificate in force counts its product and its producer there.
CREATE VIEW tile.figure_version AS
    SELECT m.lineage_key, p.producer_key, greatest(c.issued_on, p.registered_on) AS since, least(c.valid_to, c.revoked_on) AS until
    FROM ocop.certificate c
    JOIN ocop.product p ON p.product_key = c.product_key
    JOIN ocop.producer m ON m.producer_key = p.producer_key
    WHERE c.retired_at IS NULL AND p.is_published AND m.is_published AND m.lineage_key IS NOT NULL
      AND greatest(c.issued_on, p.registered_on) < least(c.valid_to, c.revoked_on);

-- Clusters count by class too.
CREATE OR REPLACE VIEW tile.product AS
    SELECT p.product_key, c.star, m.public_geom_3857 AS geom_3857, p.class_code
    FROM ocop.product p
    JOIN ocop.producer m USING (producer_key)
    LEFT JOIN ocop.certificate c ON c.product_key = p.product_key AND c.in_force @> (SELECT pub.at()) AND c.retired_at IS NULL
    WHERE p.is_published AND m.is_published AND p.registered_on <= (SELECT pub.at());
GRANT SELECT ON tile.zone_version, tile.product_version, tile.figure_version TO ocopmap_tiles;
