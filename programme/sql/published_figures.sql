-- Press figures of subject $1 and of the unit $2 in every version that kept its code and short name; NULL: of all.
SELECT subject, item, crop, level, code, name, valid_from, valid_to, period, value, measure, source_url, note, is_demo
FROM pub.published_figure
WHERE ($1::text IS NULL OR subject = $1)
  AND ($2::bigint IS NULL OR (level, code, short_name) = (SELECT u.level, u.code, u.short_name FROM pub.unit u WHERE u.unit_key = $2))
ORDER BY subject, item, level, code, valid_from, period NULLS LAST, source_url, value
