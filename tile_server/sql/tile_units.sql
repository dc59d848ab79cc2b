-- tile_units($1 level, $2 zoom, $3..$6 west south east north in EPSG:3857): units in force on pub.at(), from the stored
-- level of that zoom; from the record's own outline where a unit has none there. {…} come from the catalogue.
SELECT v.{key} AS feature_id, ST_AsBinary(coalesce(l.geom, v.{geometry})) AS shape, l.geom IS NOT NULL AS on_grid{columns}
FROM {view} v
LEFT JOIN tile.unit_level l ON l.level = $1::text::geo.unit_level AND l.zoom = $2::int AND l.unit_key = v.{key}
     AND l.frame_from = (SELECT max(f.frame_from) FROM tile.level_frame f WHERE f.level = $1::text::geo.unit_level AND f.frame_from <= pub.at())
WHERE coalesce(l.geom, v.{geometry}) && ST_MakeEnvelope($3, $4, $5, $6, 3857){filter}
ORDER BY 1
