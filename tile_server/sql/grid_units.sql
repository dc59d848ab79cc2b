-- grid_units($1..$4 west south east north in EPSG:3857 of what a tile covers with its buffer, $5 level, $6 zoom of the outlines): as tile_units,
-- for a tile in any CRS; {placed} is the outline where it lies in that. {…} come from the catalogue, but for the filter's values.
SELECT v.{key} AS feature_id, ST_AsBinary({placed}) AS shape, false AS on_grid{columns}
FROM {view} v
LEFT JOIN tile.unit_level l ON l.level = $5::text::geo.unit_level AND l.zoom = $6::int AND l.unit_key = v.{key}
     AND l.frame_from = (SELECT max(f.frame_from) FROM tile.level_frame f WHERE f.level = $5::text::geo.unit_level AND f.frame_from <= pub.at())
WHERE coalesce(l.geom, v.{geometry}) && ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, 3857){filter}
ORDER BY 1
