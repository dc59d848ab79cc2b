-- Product $1 on day $2 with its producer and its units as of the act, on that day, and today. 0 or 1 row.
SELECT p.product_key, p.name, p.class_code, p.certificate_state, p.star, p.certificate_valid_to, p.producer_key, p.producer_name,
       p.lineage_key, p.location_approximate, p.is_demo, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
       d.description, p.registered_on, m.kind AS producer_kind, m.unit_match,
       act.code AS act_code, act.name AS act_name,
       act_district.code AS act_district_code, act_district.name AS act_district_name,
       now.code AS today_code, now.name AS today_name
FROM pub.match_products($2::date, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) p
JOIN pub.product_text d USING (product_key)
JOIN pub.producer m ON m.producer_key = p.producer_key
LEFT JOIN pub.unit act ON act.unit_key = p.unit_key
LEFT JOIN pub.unit act_district ON act_district.unit_key = act.parent_key AND act_district.level = 'district'
LEFT JOIN pub.lineage_place now ON now.lineage_key = p.lineage_key AND now.valid_from <= pub.business_date() AND (now.valid_to IS NULL OR now.valid_to > pub.business_date())
WHERE p.product_key = $1::bigint
