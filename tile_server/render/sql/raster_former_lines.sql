-- raster_former_lines($1 level, $2 zoom of the outlines, $3 reference day): the level's boundaries as lines, each once:
-- drawn twice, the dashes of two neighbours would fill each other's gaps.
-- Rings under 2 km are slivers between neighbours, not boundaries.
SELECT ST_AsBinary(line) AS line
FROM (SELECT (ST_Dump(ST_LineMerge(ST_Union(ST_Boundary(coalesce(g.geom, u.geom_3857)))))).geom AS line
      FROM pub.unit u
      LEFT JOIN tile.unit_level g ON g.level = u.level AND g.zoom = $2::int AND g.unit_key = u.unit_key
           AND g.frame_from = (SELECT max(f.frame_from) FROM tile.level_frame f WHERE f.level::text = $1 AND f.frame_from <= $3::date)
      WHERE u.level::text = $1 AND u.valid_from <= $3::date AND (u.valid_to IS NULL OR u.valid_to > $3::date) AND u.geom_3857 IS NOT NULL) AS lines
WHERE NOT ST_IsClosed(line) OR ST_Length(line) > 2000
