-- $1 day: partitions of events and scans for the twelve months after it; how many were made
SELECT trace.make_months(date_trunc('month', $1::date)::date, (date_trunc('month', $1::date) + interval '12 months')::date)
