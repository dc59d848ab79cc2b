INSERT INTO issue (line, severity, field, value, reason)
SELECT line, 'refused', 'kind', coalesce(data->>'kind', data->>'class'), 'must be shoreline or river' FROM good_row
WHERE coalesce(data->>'kind', data->>'class', '') NOT IN ('shoreline', 'river', 'rivers')
