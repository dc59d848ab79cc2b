-- calendar_drop($1 day)
DELETE FROM workflow.calendar_day WHERE day = $1::date
