-- The commune of every lineage on $1, and its district on the last day there were districts.
SELECT l.lineage_key, t.code, t.name, o.district_code, o.district_name
FROM (SELECT DISTINCT lineage_key FROM pub.lineage_unit) l
LEFT JOIN pub.lineage_place t ON t.lineage_key = l.lineage_key AND t.valid_from <= $1::date AND (t.valid_to IS NULL OR t.valid_to > $1::date)
LEFT JOIN pub.lineage_place o ON o.lineage_key = l.lineage_key AND o.valid_from <= $2::date AND (o.valid_to IS NULL OR o.valid_to > $2::date)
