-- sample_slots($1 day, $2 seed, $3 points a commune of 148, fewer where there are more): synthetic positions inside every commune of
-- that day, in code order.
SELECT u.code, u.short_name, p.code AS parent_code, ST_X(d.geom) AS lon, ST_Y(d.geom) AS lat
FROM (SELECT *, greatest(12, $3::integer * 148 / greatest(148, count(*) OVER ()))::integer AS points FROM geo.admin_unit
      WHERE level = 'commune' AND geom IS NOT NULL AND valid_from <= $1::date AND (valid_to IS NULL OR valid_to > $1::date)) u
LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
CROSS JOIN LATERAL ST_Dump(ST_GeneratePoints(u.geom, u.points, $2::integer + u.code::integer % 10000)) d
ORDER BY u.code, d.path
