WITH merged AS (
    INSERT INTO ocop.sales_point (external_id, name, kind, address, opened_on, closed_on, geom, source)
    SELECT data->>'external_id', data->>'name', data->>'kind', data->>'address', geo.try_date(data->>'opened_on'), geo.try_date(data->>'closed_on'), geom, o.value
    FROM good_row, import_option o WHERE o.name = 'source' ORDER BY line
    ON CONFLICT (external_id) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind, address = EXCLUDED.address, opened_on = EXCLUDED.opened_on,
        closed_on = EXCLUDED.closed_on, geom = EXCLUDED.geom, source = EXCLUDED.source
    RETURNING 1)
SELECT count(*) FROM merged
