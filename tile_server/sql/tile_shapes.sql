-- tile_shapes($1..$4 west south east north in EPSG:3857): polygons or lines that stand alone. {…} come from the catalogue.
SELECT v.{key} AS feature_id, ST_AsBinary(v.{geometry}) AS shape, false AS on_grid{columns}
FROM {view} v WHERE v.{geometry} && ST_MakeEnvelope($1, $2, $3, $4, 3857){filter}
ORDER BY 1
