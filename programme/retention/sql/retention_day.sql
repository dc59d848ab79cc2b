-- The business day
SELECT pub.business_date()::text
