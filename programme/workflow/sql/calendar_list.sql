-- calendar_list()
SELECT coalesce(json_agg(json_build_object('day', day, 'kind', kind, 'name_vi', name_vi, 'name_en', name_en, 'source', source) ORDER BY day), '[]') FROM workflow.calendar_day
