-- sample_slots($1 day, $2 seed, $3 points a commune): synthetic positions inside every commune of that day, in code order.
SELECT u.code, u.short_name, p.code AS parent_code, ST_X(d.geom) AS lon, ST_Y(d.geom) AS lat
FROM geo.admin_unit u LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key
CROSS JOIN LATERAL ST_Dump(ST_GeneratePoints(u.geom, $3::integer, $2::integer + u.code::integer % 10000)) d
WHERE u.level = 'commune' AND u.geom IS NOT NULL AND u.valid_from <= $1::date AND (u.valid_to IS NULL OR u.valid_to > $1::date)
ORDER BY u.code, d.path
