-- raster_former_lines($1 level, $2 snap in metres, $3 reference day): the level's boundaries as lines, each once:
-- drawn twice, the dashes of two neighbours would fill each other's gaps.
-- Rings of a few snap widths are slivers between neighbours, not boundaries.
SELECT ST_AsBinary(line) AS line
FROM (SELECT (ST_Dump(ST_LineMerge(ST_Union(ST_Boundary(ST_SnapToGrid(geom_3857, $2::float8)))))).geom AS line
      FROM pub.unit
WHERE level::text = $1 AND valid_from <= $3::date AND (valid_to IS NULL OR valid_to > $3::date) AND geom_3857 IS NOT NULL) AS lines
WHERE NOT ST_IsClosed(line) OR ST_Length(line) > greatest(100 * $2::float8, 2000)
