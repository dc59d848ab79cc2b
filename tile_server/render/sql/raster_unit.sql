-- raster_unit($1 code, $2 day): the outline of the unit of that code in force on that day (0 or 1 row)
SELECT ST_AsBinary(geom_3857) AS outline
FROM pub.unit
WHERE code = $1 AND valid_from <= $2::date AND (valid_to IS NULL OR valid_to > $2::date) AND geom_3857 IS NOT NULL
ORDER BY valid_from DESC
LIMIT 1
