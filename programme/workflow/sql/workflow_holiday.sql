-- workflow_holiday($1 day, $2 kind, $3 name_vi, $4 name_en, $5 source)
INSERT INTO workflow.calendar_day VALUES ($1::date, $2, $3, $4, $5) ON CONFLICT DO NOTHING
