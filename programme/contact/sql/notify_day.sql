-- The day's own work, for whoever comes first: true when it was done here
SELECT CASE WHEN notify.begin_day(pub.business_date()) THEN notify.tell_expiring(pub.business_date()) IS NOT NULL ELSE false END
