-- record_tile_groups(…): rows by their middle in half-open cells, so that each is in one group of one tile. As record_tile.
WITH tile AS (
    SELECT square, ST_XMin(square) AS west, ST_YMax(square) AS north, (ST_XMax(square) - ST_XMin(square)) / {cells} AS side, ST_Transform(square, 4326) AS wide
    FROM ST_TileEnvelope({z}, {x}, {y}) square),
middles AS (
    SELECT t.{key} AS id, ST_Transform(ST_SetSRID(ST_MakePoint((ST_XMin(t.{place}) + ST_XMax(t.{place})) / 2, (ST_YMin(t.{place}) + ST_YMax(t.{place})) / 2), 4326), 3857) AS g
    FROM tile, {table} t WHERE {where} AND t.{place} && tile.wide),
groups AS (
    SELECT count(*) AS n, min(id) AS id, avg(ST_X(g)) AS x, avg(ST_Y(g)) AS y
    FROM middles, tile
    WHERE ST_X(g) >= west AND ST_X(g) < west + {cells} * side AND ST_Y(g) <= north AND ST_Y(g) > north - {cells} * side
    GROUP BY floor((ST_X(g) - west) / side), floor((north - ST_Y(g)) / side)),
shown AS (
    SELECT CASE WHEN n = 1 THEN groups.id END AS id, CASE WHEN n > 1 THEN n END AS point_count,
           CASE WHEN n = 1 THEN (SELECT {label} FROM {table} t WHERE t.{key} = groups.id) END AS label,
           ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(x, y), 3857), tile.square, 4096, 64) AS geom
    FROM groups, tile ORDER BY n DESC)
SELECT nullif(ST_AsMVT(s, {layer}, 4096, 'geom', 'id'), '') FROM shown s WHERE s.geom IS NOT NULL
