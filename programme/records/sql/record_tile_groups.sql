-- record_tile_groups(…): rows by their middle in half-open cells, so that each is in one group of one tile. As record_tile.
WITH tile AS (
    SELECT square, ST_XMin(square) AS west, ST_YMax(square) AS north, (ST_XMax(square) - ST_XMin(square)) / {cells} AS side
    FROM ST_TileEnvelope({z}, {x}, {y}) square),
middles AS MATERIALIZED (  -- in EPSG:3857 by its own formula: ST_Transform of each takes longer than all the rest
    SELECT id, 6378137 * radians((ST_XMin(box) + ST_XMax(box)) / 2) AS x,
           6378137 * ln(tan(pi() / 4 + radians((ST_YMin(box) + ST_YMax(box)) / 2) / 2)) AS y
    FROM (SELECT t.{key} AS id, t.{place}::box3d AS box
          FROM {table} t WHERE {where} AND t.{place} && ST_Transform(ST_TileEnvelope({z}, {x}, {y}), 4326) OFFSET 0) boxes),
groups AS (
    SELECT count(*) AS n, min(id) AS id, avg(x) AS x, avg(y) AS y
    FROM middles, tile
    WHERE x >= west AND x < west + {cells} * side AND y <= north AND y > north - {cells} * side
    GROUP BY floor((x - west) / side), floor((north - y) / side)),
shown AS (
    SELECT CASE WHEN n = 1 THEN groups.id END AS id, CASE WHEN n > 1 THEN n END AS point_count,
           CASE WHEN n = 1 THEN (SELECT {label} FROM {table} t WHERE t.{key} = groups.id) END AS label,
           ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(groups.x, groups.y), 3857), tile.square, 4096, 64) AS geom
    FROM groups, tile ORDER BY n DESC, id)
SELECT nullif(ST_AsMVT(s, {layer}, 4096, 'geom', 'id'), '') FROM shown s WHERE s.geom IS NOT NULL
