-- What was loaded, from where.
SELECT data_set, title_vi, title_en, source, licence, is_demo, rows,
       to_char(loaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS loaded_at
FROM pub.data_set ORDER BY data_set
