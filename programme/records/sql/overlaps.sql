-- overlaps($1 entity, $2 key): what a zone or plot shares ground with, as JSON
SELECT coalesce(json_agg(json_build_object('id', other_key, 'code', code, 'share', round(share::numeric, 4), 'kind', kind)), '[]')::text
FROM geo.overlaps_of($1, $2)
