-- Zones of pub.at() that meet the polygon $1 (GeoJSON), with the shared area on the ellipsoid, the largest first. $2 limit.
WITH area AS (SELECT ST_SetSRID(ST_GeomFromGeoJSON($1::text), 4326) AS g)
SELECT z.zone_key, z.code, z.name, z.crop, z.area_ha, u.code AS commune_code, u.name AS commune_name,
       CASE WHEN ST_Covers(area.g, z.geom) THEN z.area_ha
            ELSE ST_Area(ST_Intersection(z.geom, area.g)::geography) / 10000 END AS shared_ha
FROM area JOIN pub.zone z ON z.geom && area.g AND ST_Intersects(z.geom, area.g)
LEFT JOIN pub.lineage_place u ON u.lineage_key = z.lineage_key AND u.valid_from <= pub.at() AND (u.valid_to IS NULL OR u.valid_to > pub.at())
ORDER BY shared_ha DESC, z.zone_key
LIMIT $2::integer
