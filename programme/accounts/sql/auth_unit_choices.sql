-- What a grant can be over: provinces and communes of today, and the districts as they ended
SELECT u.level::text AS level, u.code, u.name, coalesce((u.valid_to - 1)::text, '') AS last_day
FROM pub.unit u
WHERE (u.level IN ('province', 'commune') AND u.valid_from <= pub.business_date() AND (u.valid_to IS NULL OR u.valid_to > pub.business_date()))
   OR (u.level = 'district' AND u.valid_to <= pub.business_date())
ORDER BY array_position(ARRAY['province', 'commune', 'district'], u.level::text), u.short_name COLLATE pub.vi, u.code
