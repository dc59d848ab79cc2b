-- record_tile(…): the rows of a table whose shape touches a tile, as MVT. Filled in by programme/records/tile.cpp.
WITH tile AS (
    SELECT ST_TileEnvelope({z}, {x}, {y}) AS square, ST_Transform(ST_TileEnvelope({z}, {x}, {y}, margin => 64.0 / 4096), 4326) AS wide),
shown AS (
    SELECT t.{key} AS id, {label} AS label, ST_AsMVTGeom(ST_Transform(t.{place}, 3857), tile.square, 4096, 64) AS geom
    FROM tile, {table} t WHERE {where} AND t.{place} && tile.wide
    ORDER BY t.{key} LIMIT {rows})
SELECT nullif(ST_AsMVT(s, {layer}, 4096, 'geom', 'id'), '') FROM shown s WHERE s.geom IS NOT NULL
