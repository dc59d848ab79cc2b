-- Features as they came from a file: the values as text, the geometry in EPSG:4326 or why it can't be used.
CREATE TEMP TABLE raw_feature (
    file text NOT NULL, line bigint NOT NULL, data jsonb NOT NULL, geom geometry, geometry_problem text, geometry_value text) ON COMMIT DROP
