-- Numbers from the seed (setting demo.seed), a tag and a row: the same ones every time. And the rows that get a full
-- record: the first 1,000 producers, 3,000 products and 600 zones of the sample, however large it is.
CREATE OR REPLACE FUNCTION pg_temp.r(tag text, i bigint) RETURNS double precision LANGUAGE sql STABLE AS
$$ SELECT (hashtextextended(tag || i, current_setting('demo.seed')::bigint) & 1048575) / 1048576.0 $$;
CREATE OR REPLACE FUNCTION pg_temp.whole(tag text, i bigint, low integer, high integer) RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT low + floor(pg_temp.r(tag, i) * (high - low + 1))::integer $$;
CREATE OR REPLACE FUNCTION pg_temp.pick(tag text, i bigint, words text[]) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT words[pg_temp.whole(tag, i, 1, cardinality(words))] $$;
CREATE OR REPLACE FUNCTION pg_temp.today() RETURNS date LANGUAGE sql STABLE AS $$ SELECT current_setting('demo.today')::date $$;
-- The few files of the demo in turn; where there is no place for files, the hash of one that is not there.
DROP TABLE IF EXISTS pg_temp.demo_file;
CREATE TEMP TABLE demo_file (kind text, n integer, sha256 text, PRIMARY KEY (kind, n)) ON COMMIT DROP;
CREATE OR REPLACE FUNCTION pg_temp.file_of(tag text, i bigint) RETURNS text LANGUAGE plpgsql STABLE AS
$$
DECLARE
    wanted text := CASE WHEN tag IN ('photo', 'label') THEN 'picture' ELSE 'document' END;
BEGIN
    RETURN coalesce((SELECT f.sha256 FROM demo_file f WHERE f.kind = wanted AND f.n = i % greatest((SELECT count(*) FROM demo_file d WHERE d.kind = wanted), 1)),
                    encode(sha256(convert_to('demo file ' || tag || i, 'UTF8')), 'hex'));
END
$$;
DROP TABLE IF EXISTS pg_temp.sealed_number;
CREATE TEMP TABLE sealed_number (tag text, i bigint, bytes bytea, PRIMARY KEY (tag, i)) ON COMMIT DROP;  -- filled where there is a key to seal under
CREATE OR REPLACE FUNCTION pg_temp.sealed(tag text, i bigint) RETURNS bytea LANGUAGE sql STABLE AS
$$ SELECT coalesce((SELECT s.bytes FROM pg_temp.sealed_number s WHERE s.tag = $1 AND s.i = $2),
                   sha256(convert_to($1 || $2, 'UTF8')) || substr(sha256(convert_to($2 || $1, 'UTF8')), 1, 12)) $$;
CREATE OR REPLACE FUNCTION pg_temp.person(tag text, i bigint) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT pg_temp.pick(tag || 'a', i, '{Nguyễn,Trần,Lê,Phạm,Huỳnh,Phan,Võ,Đặng}') || ' ' || pg_temp.pick(tag || 'b', i, '{Văn,Thị,Hữu,Minh,Ngọc,Thanh}') || ' '
       || pg_temp.pick(tag || 'c', i, '{An,Bình,Châu,Dũng,Giang,Hạnh,Khánh,Lan}') || ' (mẫu)' $$;
-- A GS1 key: the digits with their check digit.
CREATE OR REPLACE FUNCTION pg_temp.gs1(digits text) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT digits || (10 - (SELECT sum(substr(reverse(digits), i, 1)::integer * CASE WHEN i % 2 = 1 THEN 3 ELSE 1 END) FROM generate_series(1, length(digits)) i) % 10) % 10 $$;
DROP TABLE IF EXISTS pg_temp.of_producer, pg_temp.of_product, pg_temp.of_zone, pg_temp.year_ago;
CREATE TEMP TABLE of_producer ON COMMIT DROP AS
    SELECT producer_key, name, kind, registered_on, unit_key, facility_geom, substr(external_id, 15)::bigint AS i
    FROM ocop.producer WHERE is_demo AND external_id LIKE 'demo-producer-%' AND substr(external_id, 15)::bigint <= 1000;
CREATE TEMP TABLE of_product ON COMMIT DROP AS
    SELECT p.product_key, p.producer_key, p.name, p.class_code, p.registered_on, substr(p.external_id, 14)::bigint AS i
    FROM ocop.product p WHERE p.is_demo AND p.external_id LIKE 'demo-product-%' AND substr(p.external_id, 14)::bigint <= 3000;
CREATE TEMP TABLE of_zone ON COMMIT DROP AS
    SELECT zone_key, crop, valid_from, area_ha, ST_PointOnSurface(geom) AS inside, substr(external_id, 11)::bigint AS i
    FROM geo.zone WHERE is_demo AND external_id LIKE 'demo-zone-%' AND substr(external_id, 11)::bigint <= 600;
ANALYZE of_producer, of_product, of_zone
