-- Extensions, schemas, service roles and the two functions that every Vietnamese text passes through.
-- Locks nothing: runs on an empty database.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS postgis_topology;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SCHEMA geo;   -- units in time, crosswalk, zones, context
CREATE SCHEMA ocop;  -- the programme: producers, products, certificates, sales points
CREATE SCHEMA tile;  -- generalised levels, change log
CREATE SCHEMA pub;   -- exactly what the public may see; every public path reads only this

-- Roles belong to the cluster, not to the database: another database may have made them already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ocopmap_public') THEN
        CREATE ROLE ocopmap_public NOLOGIN;                       -- reads pub, nothing else
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ocopmap_editor') THEN
        CREATE ROLE ocopmap_editor NOLOGIN;                       -- edits geo and ocop, as an officer with psql or QGIS
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ocopmap_api') THEN
        CREATE ROLE ocopmap_api LOGIN IN ROLE ocopmap_public;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ocopmap_tiles') THEN
        CREATE ROLE ocopmap_tiles LOGIN IN ROLE ocopmap_public;
    END IF;
END $$;
GRANT USAGE ON SCHEMA pub TO ocopmap_public;
GRANT USAGE ON SCHEMA geo, ocop TO ocopmap_editor;
ALTER DEFAULT PRIVILEGES IN SCHEMA pub GRANT SELECT ON TABLES TO ocopmap_public;
ALTER DEFAULT PRIVILEGES IN SCHEMA geo, ocop
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ocopmap_editor;
ALTER DEFAULT PRIVILEGES IN SCHEMA geo, ocop GRANT USAGE ON SEQUENCES TO ocopmap_editor;

-- The text under every trigram index: lower case, without accents, đ as d. Decomposed input folds the same.
-- IMMUTABLE is true as long as unaccent's rules file is not edited; REINDEX after editing it.
CREATE FUNCTION pub.fold(input text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, normalize(input, NFC))) $$;

-- A key under which spellings of one place name agree: case, blanks, the place of the tone mark
-- (Hòa and Hoà, Thủy and Thuỷ) and ư after q (Qưới and Quới). Accents still count: Mỹ Hòa is not Mỹ Hóa.
CREATE FUNCTION pub.name_key(input text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$
    SELECT regexp_replace(
               regexp_replace(lower(normalize(btrim(regexp_replace(input, '\s+', ' ', 'g')), NFD)),
                              U&'qu\031B', 'qu', 'g'),
               U&'([\0300\0301\0303\0309\0323])([^ \0300\0301\0303\0309\0323]*)', '\2\1', 'g')
$$;

-- The business day: what "today" means in certificates and validities.
CREATE FUNCTION pub.business_date() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date $$;

-- The date a reader asks about: the setting ocopmap.at of this transaction, else the business day.
-- Views of pub use it, so one view serves every date: SET LOCAL ocopmap.at = '2025-06-30'.
CREATE FUNCTION pub.at() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('ocopmap.at', true), '')::date,
                   (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) $$;

CREATE COLLATION pub.vi (provider = icu, locale = 'vi-VN');

-- Own SRIDs for VN-2000: EPSG's rows are missing (9205-9218) or resolve to EPSG:5194 in the delta, 0.81 m off.
-- The SRID is 981000 + EPSG code (990210 for EPSG:9210): PostGIS keeps user SRIDs below 999000.
-- authority NULL makes PROJ take the text as it stands; towgs84 is EPSG:6960 in position-vector signs.
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
SELECT 981000 + epsg, NULL, NULL, NULL,
       definition || ' +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +no_defs'
FROM (VALUES
    (4756, '+proj=longlat'),
    (3405, '+proj=utm +zone=48'),
    (3406, '+proj=utm +zone=49'),
    (5896, '+proj=tmerc +lat_0=0 +lon_0=102 +k=0.9999 +x_0=500000 +y_0=0 +units=m'),
    (5897, '+proj=tmerc +lat_0=0 +lon_0=105 +k=0.9999 +x_0=500000 +y_0=0 +units=m'),
    (9209, '+proj=tmerc +lat_0=0 +lon_0=105.5 +k=0.9999 +x_0=500000 +y_0=0 +units=m'),
    (9210, '+proj=tmerc +lat_0=0 +lon_0=105.75 +k=0.9999 +x_0=500000 +y_0=0 +units=m')) AS vn2000 (epsg, definition);
