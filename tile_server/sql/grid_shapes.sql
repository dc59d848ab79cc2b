-- grid_shapes($1..$4 west south east north of the tile, $5..$8 what it covers with its buffer in EPSG:3857, $9 layer): polygons or
-- lines as one layer of a tile in any CRS. {…} come from the catalogue, but for the filter's values.
SELECT ST_AsMVT(tile, $9::text, 4096, 'shape', 'feature_id') FROM (
    SELECT v.{key} AS feature_id,
           ST_AsMVTGeom(ST_Transform(t.{geometry}, {srid}), ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, {srid}), 4096, 64, true) AS shape{columns}
    FROM {view} v JOIN {tile_view} t ON t.{key} = v.{key}
    WHERE t.{geometry} && ST_MakeEnvelope($5::float8, $6::float8, $7::float8, $8::float8, 3857){filter}
    ORDER BY 1) tile
WHERE shape IS NOT NULL
