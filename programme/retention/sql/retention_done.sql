-- $1 day, $2 kind: whether it was done on that day
SELECT EXISTS (SELECT FROM retention.run WHERE day = $1::date AND kind = $2)
