-- raster_figures($1 level, $2 reference day): products with a certificate in force on pub.at() by unit of that day (S1).
SELECT CASE WHEN $1 = 'district' THEN u.parent_key ELSE u.unit_key END AS unit_key, sum(f.products) AS figure
FROM tile.lineage_figure f
JOIN pub.lineage_unit l ON l.lineage_key = f.lineage_key AND l.valid_from <= $2::date AND (l.valid_to IS NULL OR l.valid_to > $2::date)
JOIN pub.unit u ON u.unit_key = l.unit_key
GROUP BY 1
