-- What the public sees, as of pub.at(). Views run with their owner's rights: readers need no right on a base table.
-- Geometry columns: geom (4326, the record) and geom_3857 (for tiles).
CREATE VIEW pub.unit AS
    SELECT u.unit_key, u.level, u.code, u.name, u.short_name, u.type, u.parent_key,
           u.valid_from, u.valid_to, u.legal_document, u.area_km2_official,
           u.geometry_state, u.geometry_source, u.geometry_note, u.name_folded, u.name_key, u.geom, u.geom_3857
    FROM geo.admin_unit u;                                -- every version; the three below are as of a date
CREATE VIEW pub.province AS
    SELECT * FROM pub.unit WHERE level = 'province' AND valid_from <= pub.at() AND (valid_to IS NULL OR valid_to > pub.at());
CREATE VIEW pub.district AS
    SELECT u.*, p.code AS province_code FROM pub.unit u LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
    WHERE u.level = 'district' AND u.valid_from <= pub.at() AND (u.valid_to IS NULL OR u.valid_to > pub.at());
CREATE VIEW pub.commune AS
    SELECT u.*,
           CASE p.level WHEN 'district' THEN p.code END AS district_code,
           CASE p.level WHEN 'district' THEN p.name END AS district_name,
           CASE p.level WHEN 'province' THEN p.code ELSE g.code END AS province_code
    FROM pub.unit u
    LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
    LEFT JOIN geo.admin_unit g ON g.unit_key = p.parent_key
    WHERE u.level = 'commune' AND u.valid_from <= pub.at() AND (u.valid_to IS NULL OR u.valid_to > pub.at());
CREATE VIEW pub.crosswalk AS SELECT * FROM geo.admin_change;
CREATE VIEW pub.frame AS SELECT * FROM geo.frame;
CREATE VIEW pub.lineage_unit AS SELECT * FROM geo.lineage_unit;
CREATE VIEW pub.data_set AS SELECT * FROM geo.data_set;
CREATE VIEW pub.product_class AS SELECT * FROM ocop.product_class;
CREATE VIEW pub.shoreline AS SELECT line_key, name, source, geom, geom_3857 FROM geo.context_line WHERE kind = 'shoreline';
CREATE VIEW pub.river AS SELECT line_key, name, source, geom, geom_3857 FROM geo.context_line WHERE kind = 'river';

CREATE VIEW pub.zone AS
    SELECT zone_key, code, name, crop, valid_from, valid_to, lineage_key, unit_key, is_demo, area_ha, name_folded, geom, geom_3857
    FROM geo.zone WHERE valid_from <= pub.at() AND (valid_to IS NULL OR valid_to > pub.at());

CREATE VIEW pub.producer AS
    SELECT producer_key, name, kind, registered_on, unit_key, unit_match, lineage_key, is_demo, name_folded,
           public_geom_approximate AS location_approximate, public_geom AS geom, public_geom_3857 AS geom_3857
    FROM ocop.producer WHERE is_published AND registered_on <= pub.at();

-- One row per certificate ever given, with its state on pub.at().
CREATE VIEW pub.certificate AS
    SELECT certificate_key, product_key, star, decision_no, decided_by, issued_on, valid_to, revoked_on, in_force,
           CASE WHEN revoked_on <= pub.at() THEN 'revoked'
                WHEN valid_to <= pub.at() THEN 'expired'
                WHEN valid_to <= pub.at() + 180 THEN 'expiring'
                ELSE 'valid' END AS state
    FROM ocop.certificate WHERE issued_on <= pub.at();

-- certificate_state: valid and expiring (within 180 days) are in force; revoked and expired speak of the
-- latest certificate; none: never certified. star only while in force.
CREATE VIEW pub.product AS
    SELECT p.product_key, p.name, p.class_code, p.description, p.registered_on, p.is_demo, p.name_folded,
           p.producer_key, m.name AS producer_name, m.name_folded AS producer_name_folded, m.unit_key, m.lineage_key,
           m.public_geom_approximate AS location_approximate,
           c.certificate_key, coalesce(c.state, 'none') AS certificate_state,
           CASE WHEN c.state IN ('valid', 'expiring') THEN c.star END AS star,
           CASE WHEN c.state IN ('valid', 'expiring') THEN c.valid_to END AS certificate_valid_to,
           m.public_geom AS geom, m.public_geom_3857 AS geom_3857
    FROM ocop.product p
    JOIN ocop.producer m USING (producer_key)
    LEFT JOIN LATERAL (
        SELECT * FROM pub.certificate k WHERE k.product_key = p.product_key ORDER BY k.issued_on DESC LIMIT 1) c ON true
    WHERE p.is_published AND m.is_published AND p.registered_on <= pub.at();

CREATE VIEW pub.sales_point AS
    SELECT sales_point_key, name, kind, address, opened_on, closed_on, unit_key, unit_match, lineage_key, is_demo, name_folded, geom, geom_3857
    FROM ocop.sales_point WHERE opened_on <= pub.at() AND (closed_on IS NULL OR closed_on > pub.at());
CREATE VIEW pub.product_sales_point AS SELECT * FROM ocop.product_sales_point;
CREATE VIEW pub.product_zone AS SELECT * FROM ocop.product_zone;
