-- store_shapes($1..$4 west, south, east, north in EPSG:3857, one of each for every box): the versions of lines or polygons of a layer
-- that touch it, for the layer store; a row in two boxes comes twice. In the
-- order of PostGIS's Hilbert curve, so that neighbours lie side by side in memory. {…} come from the catalogue.
SELECT v.{key} AS feature_id, {since} AS since, {until} AS until, ST_AsBinary(v.{record}) AS record, ST_AsBinary(t.{geometry}) AS shape{levels}{columns}
FROM unnest($1::text::float8[], $2::text::float8[], $3::text::float8[], $4::text::float8[]) b (west, south, east, north)
JOIN {tile_view} t ON t.{geometry} && ST_MakeEnvelope(b.west, b.south, b.east, b.north, 3857)
JOIN {versions} v ON v.{key} = t.{key}
ORDER BY t.{geometry}
