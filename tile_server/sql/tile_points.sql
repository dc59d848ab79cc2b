-- tile_points($1 side of a tile in metres, $2 tile column, $3 tile row, $4..$7 box around it): every row of the tile.
-- The tile is half-open, decided by the same arithmetic for all tiles: a row stands in exactly one. {…}: catalogue.
SELECT v.{key} AS feature_id, ST_X(v.{geometry}) AS x, ST_Y(v.{geometry}) AS y, 1 AS n{columns}
FROM {view} v
WHERE v.{geometry} && ST_MakeEnvelope($4, $5, $6, $7, 3857)
  AND floor((ST_X(v.{geometry}) + 20037508.342789244) / $1::float8) = $2::int
  AND floor((20037508.342789244 - ST_Y(v.{geometry})) / $1::float8) = $3::int{filter}
ORDER BY 1
