-- Group 3, products: the full description, story, quality papers, intellectual property and awards. Products and
-- certificates have no foreign keys for the scope they copy: they are loaded by the hundred thousand.
-- Locks ocop.product and ocop.certificate while scope is filled in and indexed (2 s for 100,000 products).
ALTER TABLE ocop.product
    ADD COLUMN product_code text,                         -- as issued; two regimes, two shapes
    ADD COLUMN product_name_en text,
    ADD COLUMN brand_name text,
    ADD COLUMN rubric_set_no integer CHECK (rubric_set_no BETWEEN 1 AND 26),
    ADD COLUMN managing_ministry text,
    ADD COLUMN product_kind text NOT NULL DEFAULT 'goods' CHECK (product_kind IN ('goods', 'service')),
    ADD COLUMN description_en text,
    ADD COLUMN ingredient_list text,
    ADD COLUMN local_material_pct numeric(5,2) CHECK (local_material_pct BETWEEN 0 AND 100),
    ADD COLUMN grown_in_commune_pct numeric(5,2) CHECK (grown_in_commune_pct BETWEEN 0 AND 100),
    ADD COLUMN idea_origin_kind text CHECK (idea_origin_kind IN ('common', 'common_distinct', 'provincial', 'local_specialty', 'new_local')),
    ADD COLUMN stable_trade_months integer CHECK (stable_trade_months >= 0),
    ADD COLUMN processing_level text CHECK (processing_level IN ('raw', 'simple', 'processed', 'deep')),
    ADD COLUMN technology_note text,
    ADD COLUMN specification_note text,
    ADD COLUMN net_content numeric(12,3) CHECK (net_content > 0),
    ADD COLUMN net_content_unit text,
    ADD COLUMN shelf_life_days integer CHECK (shelf_life_days > 0),
    ADD COLUMN storage_condition text,
    ADD COLUMN usage_instruction text,
    ADD COLUMN packaging_kind text,
    ADD COLUMN packaging_eco boolean,
    ADD COLUMN label_file text CHECK (label_file ~ '^[0-9a-f]{64}$'),
    ADD COLUMN label_bilingual boolean,
    ADD COLUMN label_trace_code boolean,
    ADD COLUMN retail_price_vnd numeric(18,2) CHECK (retail_price_vnd >= 0),
    ADD COLUMN price_date date,
    ADD COLUMN annual_output numeric(16,3) CHECK (annual_output >= 0),
    ADD COLUMN annual_output_unit text,
    ADD COLUMN product_revenue_vnd numeric(18,2) CHECK (product_revenue_vnd >= 0),
    ADD COLUMN photo_file text CHECK (photo_file ~ '^[0-9a-f]{64}$'),
    ADD COLUMN video_url text CHECK (video_url ~ '^https?://'),
    ADD COLUMN publish_status text NOT NULL DEFAULT 'public' CHECK (publish_status IN ('draft', 'pending', 'public', 'hidden')),
    ADD COLUMN lineage_key integer;                       -- by trigger; the producer's own foreign key guards it

-- is_published is what lists read, publish_status what people see; each follows the other. No row pays for it that says
-- the usual: public.
CREATE FUNCTION ocop.agree_publish_status() RETURNS trigger
LANGUAGE plpgsql AS
$$
BEGIN
    IF NEW.publish_status <> 'public' AND (TG_OP = 'INSERT' OR NEW.publish_status <> OLD.publish_status) THEN
        NEW.is_published := false;
    ELSIF TG_OP = 'UPDATE' AND NEW.publish_status <> OLD.publish_status THEN
        NEW.is_published := true;
    ELSIF NOT NEW.is_published AND NEW.publish_status = 'public' THEN
        NEW.publish_status := 'hidden';
    ELSIF NEW.is_published THEN
        NEW.publish_status := 'public';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER product_publish_insert BEFORE INSERT ON ocop.product
    FOR EACH ROW WHEN (NOT NEW.is_published OR NEW.publish_status <> 'public') EXECUTE FUNCTION ocop.agree_publish_status();
CREATE TRIGGER product_publish_update BEFORE UPDATE OF is_published, publish_status ON ocop.product
    FOR EACH ROW EXECUTE FUNCTION ocop.agree_publish_status();

ALTER TABLE ocop.certificate
    ADD COLUMN certificate_serial text,
    ADD COLUMN original_valid_to date CHECK (original_valid_to < valid_to),  -- its end before a temporary extension; NULL: never extended
    ADD COLUMN revocation_reason_code text CHECK (revocation_reason_code IN ('untrue_documents', 'criteria_not_met', 'law_broken', 'mark_misused', 'production_stopped', 'other')),
    ADD COLUMN revocation_decision_no text,
    ADD COLUMN producer_key bigint,                       -- both by trigger; the product's foreign keys guard them
    ADD COLUMN lineage_key integer;

-- What layers.toml installed named this column by USING, where it is in two tables from now on.
UPDATE tile.depends SET affected = replace(affected, 'JOIN ocop.producer m USING (producer_key)', 'JOIN ocop.producer m ON m.producer_key = p.producer_key')
WHERE base_table = 'ocop.certificate';
-- Nothing that anybody sees changes here: no triggers, so that 100,000 products are not derived again.
ALTER TABLE ocop.product DISABLE TRIGGER USER;
ALTER TABLE ocop.certificate DISABLE TRIGGER USER;
UPDATE ocop.product SET publish_status = 'hidden' WHERE NOT is_published;
UPDATE ocop.product p SET lineage_key = m.lineage_key FROM ocop.producer m WHERE m.producer_key = p.producer_key;
UPDATE ocop.certificate c SET producer_key = p.producer_key, lineage_key = p.lineage_key FROM ocop.product p WHERE p.product_key = c.product_key;
ALTER TABLE ocop.product ENABLE TRIGGER USER;
ALTER TABLE ocop.product ADD CHECK (is_published = (publish_status = 'public'));
ALTER TABLE ocop.certificate ENABLE TRIGGER USER;
ALTER TABLE ocop.certificate ALTER producer_key SET NOT NULL;
CREATE INDEX product_lineage ON ocop.product (lineage_key);
CREATE INDEX certificate_product ON ocop.certificate (product_key);
CREATE INDEX certificate_producer ON ocop.certificate (producer_key);
CREATE INDEX certificate_lineage ON ocop.certificate (lineage_key);
SELECT geo.become_record('ocop.product'), geo.become_record('ocop.certificate');
SELECT geo.take_scope('ocop.product', 'ocop.producer', 'producer_key'), geo.follow_parent('ocop.product', 'ocop.producer', 'producer_key');
SELECT geo.take_scope('ocop.certificate', 'ocop.product', 'product_key'), geo.follow_parent('ocop.certificate', 'ocop.product', 'product_key');

-- The search table is derived again only for products whose edit it shows: of some sixty columns it holds six.
CREATE FUNCTION ocop.product_period_after_product_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    keys bigint[];
BEGIN
    SELECT array_agg(n.product_key) INTO keys FROM new_rows n LEFT JOIN old_rows o USING (product_key)
    WHERE (o.producer_key, o.class_code, o.name, o.registered_on, o.is_published, o.is_demo)
          IS DISTINCT FROM (n.producer_key, n.class_code, n.name, n.registered_on, n.is_published, n.is_demo);
    IF keys IS NOT NULL THEN PERFORM ocop.derive_product_periods(keys); END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER product_period_update ON ocop.product;
CREATE TRIGGER product_period_update AFTER UPDATE ON ocop.product REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.product_period_after_product_update();

CREATE TABLE ocop.product_story (
    product_story_key bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    product_key bigint NOT NULL REFERENCES ocop.product,
    story_text_vi text NOT NULL,
    story_text_en text,
    story_channel text CHECK (story_channel IN ('none', 'leaflet', 'website', 'trace')),  -- each holds the ones before it
    local_identity_note text
);
SELECT geo.become_record('ocop.product_story');
SELECT geo.become_child('ocop.product_story', 'ocop.product');
CREATE UNIQUE INDEX product_story_current ON ocop.product_story (product_key) WHERE retired_at IS NULL;

CREATE TABLE ocop.quality_document (                      -- a declaration, a standard, a test report or a certificate
    quality_document_key bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    product_key bigint NOT NULL REFERENCES ocop.product,
    declaration_kind text CHECK (declaration_kind IN ('self_declared', 'registered')),
    declaration_no text,
    declaration_date date,
    standard_kind text CHECK (standard_kind IN ('qcvn', 'tcvn', 'tccs', 'international')),
    standard_no text,
    test_report_no text,
    test_lab_name text,
    test_date   date,
    test_indicator_summary text,
    nutrition_indicator_count integer CHECK (nutrition_indicator_count >= 0),
    certificate_kind text CHECK (certificate_kind IN ('vietgap', 'globalgap', 'organic', 'haccp', 'iso_22000', 'halal', 'other')),
    certificate_no text,
    certificate_body text,
    certificate_expiry date,
    CHECK (num_nonnulls(declaration_no, standard_no, test_report_no, certificate_no) > 0)
);
SELECT geo.become_record('ocop.quality_document');
SELECT geo.become_child('ocop.quality_document', 'ocop.product');

CREATE TABLE ocop.intellectual_property (
    intellectual_property_key bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    product_key bigint NOT NULL REFERENCES ocop.product,
    ip_kind     text NOT NULL CHECK (ip_kind IN ('trademark', 'geographical_indication', 'collective_mark', 'certification_mark', 'design', 'patent', 'copyright')),
    ip_document_no text,
    ip_status   text NOT NULL CHECK (ip_status IN ('accepted', 'granted', 'lapsed')),
    ip_expiry   date,
    gi_use_right_no text
);
SELECT geo.become_record('ocop.intellectual_property');
SELECT geo.become_child('ocop.intellectual_property', 'ocop.product');

CREATE TABLE ocop.award (
    award_key   bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    product_key bigint NOT NULL REFERENCES ocop.product,
    award_name  text NOT NULL CHECK (award_name = normalize(award_name, NFC)),
    award_year  integer CHECK (award_year BETWEEN 1990 AND 2200)
);
SELECT geo.become_record('ocop.award');
SELECT geo.become_child('ocop.award', 'ocop.product');
