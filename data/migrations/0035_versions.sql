-- Every version of what has a beginning and an end, for questions about an interval of days (OGC API - Features, datetime
-- as an interval): the views of 0004 show one day, pub.at(). Columns as there. No locks on base tables.
CREATE VIEW pub.province_version AS
    SELECT * FROM pub.unit WHERE level = 'province';
CREATE VIEW pub.district_version AS
    SELECT u.*, p.code AS province_code FROM pub.unit u LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
    WHERE u.level = 'district';
CREATE VIEW pub.commune_version AS
    SELECT u.*,
           CASE p.level WHEN 'district' THEN p.code END AS district_code,
           CASE p.level WHEN 'district' THEN p.name END AS district_name,
           CASE p.level WHEN 'province' THEN p.code ELSE g.code END AS province_code
    FROM pub.unit u
    LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
    LEFT JOIN geo.admin_unit g ON g.unit_key = p.parent_key
    WHERE u.level = 'commune';
CREATE VIEW pub.zone_version AS
    SELECT zone_key, code, name, crop, valid_from, valid_to, lineage_key, unit_key, is_demo, area_ha, name_folded, geom, geom_3857
    FROM geo.zone;
CREATE VIEW pub.sales_point_version AS
    SELECT sales_point_key, name, kind, address, opened_on, closed_on, unit_key, unit_match, lineage_key, is_demo, name_folded, geom, geom_3857
    FROM ocop.sales_point;

-- The rows of pub.product from ocop.product_period, for lists and counts. pub.product looks a certificate up and works out
-- pub.at() several times a row: 1,000 rows take 20 ms there, 3 ms here; the join is left out where no description is asked.
CREATE VIEW pub.product_list AS
    SELECT d.product_key, d.name COLLATE "default" AS name, d.class_code COLLATE "default" AS class_code, d.producer_key, d.producer_name,
           d.registered_on, d.is_demo, d.location_approximate, d.geom, p.description,
           CASE WHEN d.certificate_key IS NULL THEN 'none'
                WHEN d.revoked_on <= t.day THEN 'revoked'
                WHEN d.valid_to <= t.day THEN 'expired'
                WHEN d.valid_to <= t.day + 180 THEN 'expiring'
                ELSE 'valid' END AS certificate_state,
           CASE WHEN d.valid_to > t.day AND (d.revoked_on IS NULL OR d.revoked_on > t.day) THEN d.star END AS star,
           CASE WHEN d.valid_to > t.day AND (d.revoked_on IS NULL OR d.revoked_on > t.day) THEN d.valid_to END AS certificate_valid_to
    FROM (SELECT pub.at() AS day OFFSET 0) t
    JOIN ocop.product_period d ON d.is_public AND d.since <= t.day AND d.until > t.day AND d.registered_on <= t.day
    LEFT JOIN ocop.product p ON p.product_key = d.product_key;
