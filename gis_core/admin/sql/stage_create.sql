-- The staging tables every set of boundaries goes through, dropped with the transaction.
CREATE TEMP TABLE stage_unit (
    level geo.unit_level NOT NULL, code text NOT NULL, name text NOT NULL, short_name text NOT NULL, type text NOT NULL,
    parent_code text, valid_from date NOT NULL, valid_to date, legal_document text, area_km2_official numeric,
    geometry_state text NOT NULL DEFAULT 'none', geometry_source text, geometry_note text, geom geometry) ON COMMIT DROP;
CREATE TEMP TABLE stage_change (
    level geo.unit_level NOT NULL, old_code text NOT NULL, new_code text NOT NULL, effective date NOT NULL,
    kind text NOT NULL, document text, clause text, share numeric NOT NULL DEFAULT 1,
    confidence text NOT NULL DEFAULT 'documented') ON COMMIT DROP;
