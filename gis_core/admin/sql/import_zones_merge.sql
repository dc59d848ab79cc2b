WITH merged AS (
    INSERT INTO geo.zone (external_id, code, name, crop, valid_from, valid_to, geom)
    SELECT coalesce(data->>'external_id', data->>'code'), data->>'code', data->>'name', data->>'crop',
           geo.try_date(data->>'valid_from'), geo.try_date(data->>'valid_to'), geom
    FROM good_row ORDER BY line
    ON CONFLICT (external_id) DO UPDATE SET code = EXCLUDED.code, name = EXCLUDED.name, crop = EXCLUDED.crop,
        valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to, geom = EXCLUDED.geom
    RETURNING 1)
SELECT count(*) FROM merged
