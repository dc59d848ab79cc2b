-- raster_measure($1 level, $2 reference day, $3 measure: producers, stars, zone_area_ha): figures on pub.at() by unit of that
-- day, as programme/sql/lineage_*.sql sum them. Only the branch of the measure is run.
SELECT CASE WHEN $1 = 'district' THEN u.parent_key ELSE u.unit_key END AS unit_key, sum(f.figure) AS figure
FROM (SELECT lineage_key, producers::numeric AS figure FROM tile.lineage_figure WHERE $3::text = 'producers'
      UNION ALL
      SELECT lineage_key, sum(star) FROM pub.product_period
      WHERE $3::text = 'stars' AND since <= pub.at() AND until > pub.at() AND valid_to > pub.at() AND (revoked_on IS NULL OR revoked_on > pub.at())
      GROUP BY 1
      UNION ALL
      SELECT lineage_key, sum(round((area_ha * 10000)::numeric)) / 10000 FROM pub.zone WHERE $3::text = 'zone_area_ha' GROUP BY 1) AS f
JOIN pub.lineage_unit l ON l.lineage_key = f.lineage_key AND l.valid_from <= $2::date AND (l.valid_to IS NULL OR l.valid_to > $2::date)
JOIN pub.unit u ON u.unit_key = l.unit_key
GROUP BY 1
