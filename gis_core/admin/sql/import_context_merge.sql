WITH merged AS (
    INSERT INTO geo.context_line (kind, name, source, geom)
    SELECT CASE coalesce(data->>'kind', data->>'class') WHEN 'shoreline' THEN 'shoreline' ELSE 'river' END, data->>'name',
           (SELECT value FROM import_option WHERE name = 'source'), geom
    FROM good_row ORDER BY line RETURNING 1)
SELECT count(*) FROM merged
