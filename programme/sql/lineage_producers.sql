-- All producers by lineage, as of pub.at().
SELECT lineage_key, count(*) AS producers FROM pub.producer GROUP BY lineage_key
