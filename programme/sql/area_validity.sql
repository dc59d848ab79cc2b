-- Why the polygon $1 is not valid; NULL when it is.
SELECT CASE WHEN NOT ST_IsValid(g) THEN ST_IsValidReason(g) END FROM (SELECT ST_GeomFromGeoJSON($1::text) AS g) s
