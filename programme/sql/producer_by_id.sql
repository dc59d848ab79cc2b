-- Producer $3 on day $1; $2 the last day of the old districts. 0 or 1 row.
SELECT p.producer_key, p.name, p.kind, p.registered_on, p.location_approximate, p.is_demo, p.unit_match,
       ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, on_day.code AS commune_code, on_day.name AS commune_name, old.district_code, old.district_name,
       act.code AS act_code, act.name AS act_name, act_district.code AS act_district_code, act_district.name AS act_district_name,
       now.code AS today_code, now.name AS today_name,
       (SELECT count(*) FROM pub.product_period d WHERE d.producer_key = p.producer_key AND d.since <= $1::date AND d.until > $1::date) AS products,
       (SELECT count(*) FROM pub.product_period d WHERE d.producer_key = p.producer_key AND d.since <= $1::date AND d.until > $1::date
          AND d.valid_to > $1::date AND (d.revoked_on IS NULL OR d.revoked_on > $1::date)) AS products_in_force
FROM pub.producer p
LEFT JOIN pub.unit act ON act.unit_key = p.unit_key
LEFT JOIN pub.unit act_district ON act_district.unit_key = act.parent_key AND act_district.level = 'district'
LEFT JOIN pub.lineage_place on_day ON on_day.lineage_key = p.lineage_key AND on_day.valid_from <= $1::date AND (on_day.valid_to IS NULL OR on_day.valid_to > $1::date)
LEFT JOIN pub.lineage_place old ON old.lineage_key = p.lineage_key AND old.valid_from <= $2::date AND (old.valid_to IS NULL OR old.valid_to > $2::date)
LEFT JOIN pub.lineage_place now ON now.lineage_key = p.lineage_key AND now.valid_from <= pub.business_date() AND (now.valid_to IS NULL OR now.valid_to > pub.business_date())
WHERE p.producer_key = $3::bigint AND p.registered_on <= $1::date
