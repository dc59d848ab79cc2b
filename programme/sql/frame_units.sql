-- The units of level $1 on day $2 by code, each with the lineages it holds.
SELECT u.code, u.name,
       array_to_string((SELECT array_agg(p.lineage_key ORDER BY p.lineage_key) FROM pub.lineage_place p
                        WHERE p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to > $2::date)
                          AND u.unit_key = CASE $1::text WHEN 'commune' THEN p.unit_key WHEN 'district' THEN p.district_key ELSE p.province_key END), ',') AS lineages
FROM pub.unit u
WHERE u.level::text = $1::text AND u.valid_from <= $2::date AND (u.valid_to IS NULL OR u.valid_to > $2::date)
ORDER BY u.code
