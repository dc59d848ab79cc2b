-- Raw-material zones of product $1 on pub.at().
SELECT z.zone_key, z.code, z.name, z.crop, z.area_ha
FROM pub.product_zone pz JOIN pub.zone z USING (zone_key) WHERE pz.product_key = $1::bigint ORDER BY z.zone_key
