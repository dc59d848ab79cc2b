-- grid_clusters($1..$4 west south east north in EPSG:3857 of what a tile covers, $5 x and $6 y of its matrix set's origin, $7 side of a cell,
-- $8 first cell column, $9 first cell row, $10 cells along a tile): as tile_clusters, in any CRS. {…} come from the catalogue, but for the
-- filter's values.
WITH placed AS (
    SELECT v.{key} AS key{counted}, p.x, p.y, floor((p.x - $5::float8) / $7::float8) AS cell_x, floor(($6::float8 - p.y) / $7::float8) AS cell_y
    FROM {source} v, LATERAL (SELECT ST_X(q.place) AS x, ST_Y(q.place) AS y FROM ST_Transform(v.{geometry}, {srid}) AS q (place) OFFSET 0) p
    WHERE v.{geometry} && ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, 3857){filter}),
cell AS (
    SELECT cell_x, cell_y, count(*) AS n, avg(x) AS x, avg(y) AS y, min(key) AS key{counts}
    FROM placed
    WHERE cell_x >= $8::int AND cell_x < $8::int + $10::int AND cell_y >= $9::int AND cell_y < $9::int + $10::int
    GROUP BY cell_x, cell_y)
SELECT cell.key AS feature_id, cell.x, cell.y, cell.n{cells}{columns}
FROM cell LEFT JOIN LATERAL (SELECT w.* FROM {view} w WHERE cell.n = 1 AND w.{key} = cell.key OFFSET 0) v ON true
ORDER BY cell.cell_y, cell.cell_x
