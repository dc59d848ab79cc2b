-- $1 code, $2 day or NULL for today, $3 level: the version of a unit on that day
SELECT unit_key FROM pub.unit
WHERE code = $1 AND level::text = $3 AND valid_from <= coalesce($2::date, pub.business_date()) AND (valid_to IS NULL OR valid_to > coalesce($2::date, pub.business_date()))
