-- The other VN-2000 systems of EPSG beside the seven of 0001, under SRID 981000 + code. Locks nothing.
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
SELECT 981000 + epsg, NULL, NULL, NULL,
       '+proj=tmerc +lat_0=0 +lon_0=' || meridian || ' +k=0.9999 +x_0=500000 +y_0=0 +units=m'
       ' +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +no_defs'
FROM (VALUES (5898, '108'), (5899, '107.75'), (9205, '103'), (9206, '104'), (9207, '104.5'), (9208, '104.75'), (9211, '106'),
             (9212, '106.25'), (9213, '106.5'), (9214, '107'), (9215, '107.25'), (9216, '107.5'), (9217, '108.25'), (9218, '108.5')) AS vn2000 (epsg, meridian)
ON CONFLICT (srid) DO NOTHING;
