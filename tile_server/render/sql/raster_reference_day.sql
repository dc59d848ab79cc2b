-- raster_reference_day($1 level): the day whose units stand for the level on pub.at(): that day itself, or, where the
-- level is no longer in force (old districts), its last day. NULL: the level did not exist yet.
SELECT CASE WHEN bool_or(valid_to IS NULL OR valid_to > pub.at()) THEN pub.at() ELSE max(valid_to) - 1 END AS day
FROM pub.unit WHERE level::text = $1 AND valid_from <= pub.at()
