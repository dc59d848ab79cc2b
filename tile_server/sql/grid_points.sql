-- grid_points($1..$4 west south east north in EPSG:3857 of what a tile covers, $5 x and $6 y of its matrix set's origin, $7 side of a tile,
-- $8 column, $9 row): as tile_points, in any CRS. {…} come from the catalogue, but for the filter's values.
SELECT v.{key} AS feature_id, p.x, p.y, 1 AS n{columns}
FROM {view} v, LATERAL (SELECT ST_X(q.place) AS x, ST_Y(q.place) AS y FROM ST_Transform(v.{geometry}, {srid}) AS q (place) OFFSET 0) p
WHERE v.{geometry} && ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, 3857)
  AND floor((p.x - $5::float8) / $7::float8) = $8::int AND floor(($6::float8 - p.y) / $7::float8) = $9::int{filter}
ORDER BY 1
