-- store_points($1..$4 west, south, east, north in EPSG:3857, one of each for every box): the versions of rows of a layer of points
-- that stand there, for the layer store; a row in two boxes comes twice. In the order of PostGIS's
-- Hilbert curve, so that neighbours lie side by side in memory. {…} come from the catalogue.
SELECT v.{key} AS feature_id, {since} AS since, {until} AS until, ST_X(v.{geometry}) AS x, ST_Y(v.{geometry}) AS y, ST_X(v.{record}) AS lon,
       ST_Y(v.{record}) AS lat{columns}
FROM unnest($1::text::float8[], $2::text::float8[], $3::text::float8[], $4::text::float8[]) b (west, south, east, north)
JOIN {versions} v ON v.{geometry} && ST_MakeEnvelope(b.west, b.south, b.east, b.north, 3857)
ORDER BY v.{geometry}
