-- Distances on the ellipsoid by index, names of producers and sales points by prefix, and the place of a lineage on a day.
-- fuzzystrmatch counts edits between a mistyped word and the known ones.
-- Locks producer and sales_point for as long as the indexes take.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
CREATE INDEX producer_public_geography ON ocop.producer USING gist ((public_geom::geography));
CREATE INDEX sales_point_geography ON ocop.sales_point USING gist ((geom::geography));
CREATE INDEX producer_name_prefix ON ocop.producer ((name_folded COLLATE "C"), producer_key);
ALTER TABLE ocop.producer ADD COLUMN name_words tsvector GENERATED ALWAYS AS (pub.words(pub.fold(name))) STORED;
CREATE INDEX producer_name_words ON ocop.producer USING gin (name_words);
CREATE INDEX producer_name_vi ON ocop.producer ((name COLLATE pub.vi), producer_key);
ALTER TABLE ocop.producer ALTER name_folded SET STATISTICS 500;

-- The commune of a lineage on a day, with its district where there was one, and its province.
CREATE VIEW pub.lineage_place AS
    SELECT lu.lineage_key, lu.valid_from, lu.valid_to, u.unit_key, u.code, u.name,
           CASE p.level WHEN 'district' THEN p.unit_key END AS district_key,
           CASE p.level WHEN 'district' THEN p.code END AS district_code,
           CASE p.level WHEN 'district' THEN p.name END AS district_name,
           CASE p.level WHEN 'province' THEN p.unit_key ELSE g.unit_key END AS province_key
    FROM geo.lineage_unit lu
    JOIN geo.admin_unit u USING (unit_key)
    LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
    LEFT JOIN geo.admin_unit g ON g.unit_key = p.parent_key;

-- The long text of a product: read one at a time, so it does not widen the rows that are searched.
CREATE VIEW pub.product_text AS SELECT product_key, description FROM ocop.product WHERE is_published;

-- What suggestions and the list of producers search.
CREATE VIEW pub.producer_search AS
    SELECT producer_key, name, kind, registered_on, lineage_key, unit_key, unit_match, is_demo, public_geom_approximate AS location_approximate,
           public_geom AS geom, name_folded COLLATE "C" AS name_folded, name_words
    FROM ocop.producer WHERE is_published;
