-- tile_frames($1 level): the spans of dates that have lines, oldest first; touching spans are joined.
WITH edge AS (
    SELECT valid_from, coalesce(valid_to, 'infinity'::date) AS valid_to FROM pub.unit WHERE level = $1::text::geo.unit_level AND geom_3857 IS NOT NULL),
span AS (SELECT unnest(range_agg(daterange(valid_from, valid_to))) AS days FROM edge)
SELECT lower(days)::text AS first_day, CASE WHEN upper(days) = 'infinity' THEN NULL ELSE (upper(days) - 1)::text END AS last_day FROM span ORDER BY 1
