-- $1 day, $2 period: what began before this moment has had its period by the beginning of that day
SELECT (($1::date - $2::interval) AT TIME ZONE 'Asia/Ho_Chi_Minh')::text
