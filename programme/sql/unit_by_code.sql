-- The unit of code $1 on day $2 (0 or 1 row), else with $3 its latest version, with all lineages under it.
SELECT u.unit_key, u.code, u.name, u.level, u.valid_from, u.valid_to,
       ST_XMin(u.geom) AS west, ST_YMin(u.geom) AS south, ST_XMax(u.geom) AS east, ST_YMax(u.geom) AS north,
       (SELECT array_to_string(array_agg(DISTINCT p.lineage_key), ',') FROM pub.lineage_place p
        WHERE p.valid_from <= least($2::date, u.valid_to - 1) AND (p.valid_to IS NULL OR p.valid_to > least($2::date, u.valid_to - 1))
          AND u.unit_key IN (p.unit_key, p.district_key, p.province_key)) AS lineages
FROM pub.unit u
WHERE u.code = $1
  AND (u.valid_from <= $2::date AND (u.valid_to IS NULL OR u.valid_to > $2::date) OR $3::boolean AND u.valid_to <= $2::date)
ORDER BY u.valid_from DESC
LIMIT 1
