-- Units of any date whose name matches, one row a name, level and today's communes: the latest version speaks for them.
-- $1 folded phrase; $2 phrase as typed; $3 folded words; $4 today; $5 limit. Few hundred rows in all, so no index is asked.
WITH scored AS (
    SELECT u.unit_key, u.level, u.code, u.name, u.valid_from, u.valid_to, f.short_folded,
           CASE WHEN lower(u.short_name) = $2 OR lower(u.name) = $2 THEN 0
                WHEN starts_with(lower(u.short_name), $2) OR starts_with(lower(u.name), $2) THEN 1
                WHEN starts_with(f.short_folded, $1) OR starts_with(u.name_folded, $1) THEN 2
                WHEN u.name_folded LIKE ALL ($3::text[]) THEN 3
                WHEN similarity(f.short_folded, $1) >= 0.5 OR similarity(u.name_folded, $1) >= 0.6 THEN 4 END AS tier,
           greatest(similarity(f.short_folded, $1), similarity(u.name_folded, $1)) AS likeness
    FROM pub.unit u CROSS JOIN LATERAL (SELECT pub.fold(u.short_name) AS short_folded) f
), best AS (
    SELECT s.*, t.today_codes, t.today_names
    FROM (SELECT DISTINCT ON (level, code, name) * FROM scored WHERE tier IS NOT NULL ORDER BY level, code, name, valid_from DESC) s
    LEFT JOIN LATERAL (
        SELECT string_agg(c.code, '|' ORDER BY c.code) AS today_codes, string_agg(c.name, '|' ORDER BY c.code) AS today_names
        FROM (SELECT DISTINCT n.code, n.name FROM pub.lineage_place o JOIN pub.lineage_place n USING (lineage_key)
              WHERE s.unit_key IN (o.unit_key, o.district_key)
                AND n.valid_from <= $4::date AND (n.valid_to IS NULL OR n.valid_to > $4::date)) c) t ON true
)
SELECT tier, unit_key, level, code, name, greatest(valid_from, least($4::date, valid_to - 1)) AS day, valid_to, today_codes, today_names
FROM best
ORDER BY tier, (valid_to IS NOT NULL), CASE level WHEN 'commune' THEN 1 WHEN 'district' THEN 2 ELSE 3 END, likeness DESC, name, code
LIMIT $5::integer
