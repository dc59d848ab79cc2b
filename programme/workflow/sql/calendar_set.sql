-- calendar_set($1 day, $2 kind, $3 name_vi, $4 name_en, $5 source)
INSERT INTO workflow.calendar_day VALUES ($1::date, $2, $3, $4, nullif($5, ''))
ON CONFLICT (day) DO UPDATE SET (kind, name_vi, name_en, source) = (excluded.kind, excluded.name_vi, excluded.name_en, excluded.source)
