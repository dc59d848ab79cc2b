-- The classes of a producer's published products, as an array: what producers can be asked for by A_CONTAINS and its like (CQL2). The
-- column stands at the end of the view; who does not name it does not pay for it, who does pays 15 µs a producer. No locks on base tables.
CREATE OR REPLACE VIEW pub.producer AS
    SELECT m.producer_key, m.name, m.kind, m.registered_on, m.unit_key, m.unit_match, m.lineage_key, m.is_demo, m.name_folded,
           m.public_geom_approximate AS location_approximate, m.public_geom AS geom, m.public_geom_3857 AS geom_3857,
           ARRAY(SELECT DISTINCT p.class_code FROM ocop.product p
                 WHERE p.producer_key = m.producer_key AND p.is_published AND p.registered_on <= (SELECT pub.at()) ORDER BY 1) AS class_codes
    FROM ocop.producer m WHERE m.is_published AND m.registered_on <= pub.at();

-- The same of every day (0111): a producer changes when it has its first product of a class.
CREATE VIEW tile.producer_version AS
    SELECT m.producer_key, s.since, s.until, m.name, m.kind, m.registered_on, m.unit_match, m.public_geom_approximate AS location_approximate, m.is_demo,
           ARRAY(SELECT DISTINCT p.class_code FROM ocop.product p
                 WHERE p.producer_key = m.producer_key AND p.is_published AND p.registered_on <= s.since ORDER BY 1) AS class_codes,
           m.public_geom AS geom, m.public_geom_3857 AS geom_3857
    FROM ocop.producer m
    CROSS JOIN LATERAL (
        SELECT d.day AS since, lead(d.day, 1, 'infinity') OVER (ORDER BY d.day) AS until
        FROM (SELECT m.registered_on AS day
              UNION
              SELECT min(p.registered_on) FROM ocop.product p WHERE p.producer_key = m.producer_key AND p.is_published GROUP BY p.class_code) d
        WHERE d.day >= m.registered_on) s
    WHERE m.is_published;
GRANT SELECT ON tile.producer_version TO ocopmap_tiles;
