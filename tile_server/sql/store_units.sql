-- store_units($1..$4 west, south, east, north in EPSG:3857, one of each for every box, $5 level): the versions of units that touch it,
-- each with the outlines of every zoom, for the layer store. A unit's generalised outlines follow its frame: it comes once for
-- each frame it stands in. {…} come from the catalogue.
WITH frame AS (
    SELECT frame_from, lead(frame_from, 1, 'infinity') OVER (ORDER BY frame_from) AS frame_until
    FROM (SELECT frame_from FROM tile.level_frame WHERE level = $5::text::geo.unit_level UNION ALL SELECT '-infinity') f),
version AS MATERIALIZED (
    SELECT v.*, f.frame_from, greatest({since}, f.frame_from) AS since, least({until}, f.frame_until) AS until
    FROM {versions} v
    JOIN frame f ON f.frame_from < {until} AND f.frame_until > {since}
    WHERE v.{geometry} IS NOT NULL
      AND EXISTS (SELECT FROM unnest($1::text::float8[], $2::text::float8[], $3::text::float8[], $4::text::float8[]) b (west, south, east, north)
                  WHERE v.{geometry} && ST_MakeEnvelope(b.west, b.south, b.east, b.north, 3857)))
SELECT v.{key} AS feature_id, CASE WHEN isfinite(v.since) THEN v.since - DATE '1970-01-01' END AS since,
       CASE WHEN isfinite(v.until) THEN v.until - DATE '1970-01-01' END AS until, ST_AsBinary(v.{record}) AS record,
       ST_AsBinary(v.{geometry}) AS shape{levels}{columns}
FROM version v
LEFT JOIN LATERAL (
    SELECT {pivot}
    FROM tile.unit_level l
    WHERE l.level = $5::text::geo.unit_level AND l.frame_from = v.frame_from AND l.unit_key = v.{key}) l ON true
