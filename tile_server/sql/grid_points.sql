-- grid_points($1..$4 west south east north of the tile, $5..$8 what it covers in EPSG:3857, $9 layer, $10 x and $11 y of the set's
-- origin, $12 side of a cell, $13 first cell column, $14 first cell row, $15 cells along a tile, $16 whether a cell's rows are counted
-- together): points as one layer of a tile in any CRS, as tile_clusters and tile_points. {…} come from the catalogue, but for the
-- filter's values.
WITH placed AS (
    SELECT v.{key} AS key{counted}, ST_X(p.place) AS x, ST_Y(p.place) AS y,
           floor((ST_X(p.place) - $10::float8) / $12::float8) AS cell_x, floor(($11::float8 - ST_Y(p.place)) / $12::float8) AS cell_y
    FROM {source} v, LATERAL (SELECT ST_Transform(v.{geometry}, {srid}) AS place OFFSET 0) p
    WHERE v.{geometry} && ST_MakeEnvelope($5::float8, $6::float8, $7::float8, $8::float8, 3857){filter}),
cell AS (
    SELECT cell_x, cell_y, count(*) AS n, avg(x) AS x, avg(y) AS y, min(key) AS key{counts}
    FROM placed
    WHERE cell_x >= $13::int AND cell_x < $13::int + $15::int AND cell_y >= $14::int AND cell_y < $14::int + $15::int
    GROUP BY cell_x, cell_y, CASE WHEN NOT $16::boolean THEN key END)
SELECT ST_AsMVT(tile, $9::text, 4096, 'shape', 'feature_id') FROM (
    SELECT CASE WHEN cell.n = 1 THEN cell.key END AS feature_id,
           ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(cell.x, cell.y), {srid}), ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, {srid}), 4096, 0,
                        false) AS shape, nullif(cell.n, 1) AS point_count{cells}{columns}
    FROM cell LEFT JOIN LATERAL (SELECT w.* FROM {view} w WHERE cell.n = 1 AND w.{key} = cell.key OFFSET 0) v ON true
    ORDER BY cell.cell_y, cell.cell_x, cell.key) tile
