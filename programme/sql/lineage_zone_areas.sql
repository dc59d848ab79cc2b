-- Square metres of raw-material zones by the lineage of their representative point, as of pub.at().
SELECT lineage_key, sum(round((area_ha * 10000)::numeric))::bigint AS area_m2 FROM pub.zone GROUP BY lineage_key
