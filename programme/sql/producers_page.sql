-- A page of producers by tier and name. $1 day; $2 last day of the old districts; $3 beginnings of words; $4 kinds; $5 lineages;
-- $6 no unit; $7-$10 box; $11-$13 circle; $14 phrase as typed, $15 folded; $16 limit; $17-$19 tier, name and key of the last row before.
SELECT p.tier AS sort_tier, p.producer_key, p.name, p.kind, p.registered_on, p.location_approximate, p.is_demo, p.unit_match,
       ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, on_day.code AS commune_code, on_day.name AS commune_name, old.district_code, old.district_name,
       act.code AS act_code, act.name AS act_name, act_district.code AS act_district_code, act_district.name AS act_district_name,
       now.code AS today_code, now.name AS today_name,
       (SELECT count(*) FROM pub.product_period d WHERE d.producer_key = p.producer_key AND d.since <= $1::date AND d.until > $1::date) AS products,
       (SELECT count(*) FROM pub.product_period d WHERE d.producer_key = p.producer_key AND d.since <= $1::date AND d.until > $1::date
          AND d.valid_to > $1::date AND (d.revoked_on IS NULL OR d.revoked_on > $1::date)) AS products_in_force
FROM (
    SELECT p.*, CASE WHEN $14::text IS NULL THEN 0 WHEN starts_with(lower(p.name), $14) THEN 0 WHEN starts_with(p.name_folded, $15::text) THEN 1 ELSE 2 END AS tier
    FROM pub.producer_search p
    WHERE p.registered_on <= $1::date
      AND ($3::tsquery IS NULL OR p.name_words @@ $3)
      AND ($4::text[] IS NULL OR p.kind = ANY ($4))
      AND ($5::integer[] IS NULL OR p.lineage_key = ANY ($5))
      AND ($6::boolean IS NULL OR (p.lineage_key IS NULL) = $6)
      AND ($7::float8 IS NULL OR p.geom && ST_MakeEnvelope($7, $8::float8, $9::float8, $10::float8, 4326))
      AND ($13::float8 IS NULL OR ST_DWithin(p.geom::geography, ST_SetSRID(ST_MakePoint($11::float8, $12::float8), 4326)::geography, $13))
      AND ($19::bigint IS NULL OR (CASE WHEN $14::text IS NULL THEN 0 WHEN starts_with(lower(p.name), $14) THEN 0 WHEN starts_with(p.name_folded, $15::text) THEN 1 ELSE 2 END, p.name COLLATE pub.vi, p.producer_key) > ($17::integer, $18::text COLLATE pub.vi, $19::bigint))
    ORDER BY tier, p.name COLLATE pub.vi, p.producer_key
    LIMIT $16::integer) p
LEFT JOIN pub.unit act ON act.unit_key = p.unit_key
LEFT JOIN pub.unit act_district ON act_district.unit_key = act.parent_key AND act_district.level = 'district'
LEFT JOIN pub.lineage_place on_day ON on_day.lineage_key = p.lineage_key AND on_day.valid_from <= $1::date AND (on_day.valid_to IS NULL OR on_day.valid_to > $1::date)
LEFT JOIN pub.lineage_place old ON old.lineage_key = p.lineage_key AND old.valid_from <= $2::date AND (old.valid_to IS NULL OR old.valid_to > $2::date)
LEFT JOIN pub.lineage_place now ON now.lineage_key = p.lineage_key AND now.valid_from <= pub.business_date() AND (now.valid_to IS NULL OR now.valid_to > pub.business_date())
ORDER BY p.tier, p.name COLLATE pub.vi, p.producer_key
