-- Units of any date whose name matches, one row a name, level and today's communes: the latest version speaks for them.
-- $1 folded phrase; $2 phrase as typed; $3 folded words; $4 today; $5 limit. Few hundred rows in all, so no index is asked.
WITH named AS (
    SELECT DISTINCT ON (level, code, name) unit_key, level, code, name, short_name, name_folded, valid_from, valid_to,
           right(name_folded, length(short_name)) AS short_folded       -- folding keeps the number of letters
    FROM pub.unit ORDER BY level, code, name, valid_from DESC
), scored AS (
    SELECT u.unit_key, u.level, u.code, u.name, u.valid_from, u.valid_to,
           CASE WHEN lower(u.short_name) = $2 OR lower(u.name) = $2 THEN 0
                WHEN starts_with(lower(u.short_name), $2) OR starts_with(lower(u.name), $2) THEN 1
                WHEN starts_with(u.short_folded, $1) OR starts_with(u.name_folded, $1) THEN 2
                WHEN u.name_folded LIKE ALL ($3::text[]) THEN 3
                WHEN l.likeness >= 0.5 THEN 4 END AS tier,
           l.likeness
    FROM named u CROSS JOIN LATERAL (
        SELECT greatest(similarity(u.short_folded, $1), similarity(u.name_folded, $1) - 0.1) AS likeness OFFSET 0) l
), best AS (
    SELECT s.*, t.today_codes, t.today_names
    FROM (SELECT * FROM scored WHERE tier IS NOT NULL ORDER BY tier, likeness DESC LIMIT 60) s
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
