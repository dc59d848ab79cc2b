-- shape_measured($1 WKB): as GeoJSON, hectares on the ellipsoid, and why it is not valid
SELECT ST_AsGeoJSON(s.geom, 9), round((ST_Area(s.geom::geography) / 10000)::numeric, 4), CASE WHEN NOT ST_IsValid(s.geom) THEN ST_IsValidReason(s.geom) END
FROM (SELECT ST_SetSRID(ST_GeomFromWKB(decode($1, 'hex')), 4326) AS geom) s
