-- grid_shapes($1..$4 west south east north in EPSG:3857 of what a tile covers with its buffer): polygons or lines for a tile in any CRS;
-- {placed} is the outline where it lies in that. {…} come from the catalogue, but for the filter's values.
SELECT v.{key} AS feature_id, ST_AsBinary({placed}) AS shape, false AS on_grid{columns}
FROM {view} v JOIN {tile_view} t ON t.{key} = v.{key}
WHERE t.{geometry} && ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, 3857){filter}
ORDER BY 1
