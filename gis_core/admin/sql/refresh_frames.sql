-- A frame lasts as long as the set of communes with their lines does: statuses and names may change inside it.
DELETE FROM geo.frame;
INSERT INTO geo.frame (level, valid_from, valid_to, units, geometry_state, source)
WITH edge AS (
    SELECT DISTINCT level, day FROM geo.admin_unit CROSS JOIN LATERAL (VALUES (valid_from), (valid_to)) d (day)
    WHERE day IS NOT NULL AND geom IS NOT NULL),
span AS (
    SELECT level, day AS from_day, lead(day) OVER (PARTITION BY level ORDER BY day) AS to_day FROM edge),
state AS (
    SELECT s.level, s.from_day, s.to_day, count(*)::integer AS units,
           CASE WHEN bool_or(u.geometry_state = 'schematic') THEN 'schematic'
                WHEN bool_or(u.geometry_state = 'derived') THEN 'derived' ELSE 'surveyed' END AS geometry_state,
           string_agg(DISTINCT u.geometry_source, '; ') AS source,
           md5(string_agg(u.code || md5(u.geom::text), ',' ORDER BY u.code)) AS lines
    FROM span s JOIN geo.admin_unit u ON u.level = s.level AND u.geom IS NOT NULL AND u.valid_from <= s.from_day
         AND (u.valid_to IS NULL OR u.valid_to > s.from_day)
    GROUP BY s.level, s.from_day, s.to_day),
marked AS (
    SELECT *, lag(lines) OVER w IS DISTINCT FROM lines OR lag(to_day) OVER w IS DISTINCT FROM from_day AS starts
    FROM state WINDOW w AS (PARTITION BY level ORDER BY from_day)),
numbered AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY level ORDER BY from_day) AS frame FROM marked)
SELECT level, min(from_day), CASE WHEN bool_or(to_day IS NULL) THEN NULL ELSE max(to_day) END,
       max(units), max(geometry_state), coalesce(max(source), 'not stated')
FROM numbered GROUP BY level, frame;
