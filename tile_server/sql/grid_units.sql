-- grid_units($1..$4 west south east north of the tile, $5..$8 what it covers with its buffer in EPSG:3857, $9 layer, $10 level,
-- $11 zoom of the outlines, $12 in force, $13 units, $14 their products, $15 their producers): as tile_units, as one layer of a tile
-- in any CRS. {…} come from the catalogue, but for the filter's values.
SELECT ST_AsMVT(tile, $9::text, 4096, 'shape', 'feature_id') FROM (
    SELECT v.{key} AS feature_id,
           ST_AsMVTGeom(ST_Transform(coalesce(l.geom, v.{geometry}), {srid}), ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, {srid}), 4096, 64,
                        true) AS shape{columns}, $12::boolean AS in_force{figures}
    FROM {view} v
    LEFT JOIN tile.unit_level l ON l.level = $10::text::geo.unit_level AND l.zoom = $11::int AND l.unit_key = v.{key}
         AND l.frame_from = (SELECT max(f.frame_from) FROM tile.level_frame f WHERE f.level = $10::text::geo.unit_level AND f.frame_from <= pub.at())
    LEFT JOIN unnest($13::bigint[], $14::int[], $15::int[]) AS c (unit_key, products, producers) ON c.unit_key = v.{key}
    WHERE coalesce(l.geom, v.{geometry}) && ST_MakeEnvelope($5::float8, $6::float8, $7::float8, $8::float8, 3857){filter}
    ORDER BY 1) tile
WHERE shape IS NOT NULL
