-- tile_clusters($1 side of a cell in metres, $2 first cell column, $3 first cell row, $4 cells along a tile, $5..$8 box
-- around it): counts by half-open cell; a row alone in its cell comes with its attributes. {…} come from the catalogue.
-- OFFSET 0: the planner takes conditions about cells for very narrow ones, and would look up a million rows one by one.
WITH placed AS (
    SELECT t.{key} AS key{counted}, ST_X(t.{geometry}) AS x, ST_Y(t.{geometry}) AS y,
           floor((ST_X(t.{geometry}) + 20037508.342789244) / $1::float8) AS cell_x,
           floor((20037508.342789244 - ST_Y(t.{geometry})) / $1::float8) AS cell_y
    FROM {tile_view} t WHERE t.{geometry} && ST_MakeEnvelope($5, $6, $7, $8, 3857){filter} OFFSET 0),
cell AS (
    SELECT cell_x, cell_y, count(*) AS n, avg(x) AS x, avg(y) AS y, min(key) AS key{counts}
    FROM placed GROUP BY 1, 2 OFFSET 0)
SELECT cell.key AS feature_id, cell.x, cell.y, cell.n{cells}{columns}
FROM cell LEFT JOIN LATERAL (SELECT w.* FROM {view} w WHERE cell.n = 1 AND w.{key} = cell.key OFFSET 0) v ON true
WHERE cell.cell_x >= $2::int AND cell.cell_x < $2::int + $4::int AND cell.cell_y >= $3::int AND cell.cell_y < $3::int + $4::int
ORDER BY cell.cell_y, cell.cell_x
