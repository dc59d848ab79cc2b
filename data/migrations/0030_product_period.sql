-- What the lists, facets and suggestions search: one row per product and certificate period, ready to be filtered by one
-- scan on any date. At 100,000 products pub.product (a lateral look-up of the certificate a row) takes 300 ms a full
-- pass, this table 25 ms. It is derived by triggers from whatever client edits; nobody writes it by hand.
-- Locks the three base tables for as long as filling takes (1 s for 10,000 products).
CREATE TABLE ocop.product_period (
    product_key   bigint NOT NULL REFERENCES ocop.product ON DELETE CASCADE,
    since         date NOT NULL,                   -- from here …
    until         date NOT NULL,                   -- … to the day before, this certificate is the latest one
    is_public     boolean NOT NULL,
    star          smallint,
    valid_to      date,
    revoked_on    date,
    lineage_key   integer,
    certificate_key bigint,
    producer_key  bigint NOT NULL,
    unit_key      bigint,
    registered_on date NOT NULL,
    is_demo       boolean NOT NULL,
    location_approximate boolean NOT NULL,
    class_code    text COLLATE "C",
    geom          geometry(Point, 4326),
    name          text COLLATE pub.vi NOT NULL,
    name_lower    text COLLATE "C" NOT NULL,       -- with its accents
    name_folded   text COLLATE "C" NOT NULL,
    producer_name text NOT NULL,
    name_words    tsvector NOT NULL,               -- folded words
    search_words  tsvector NOT NULL,               -- of product and producer
    PRIMARY KEY (product_key, since)
);
-- The words of a folded text: letters and digits, what lies between them parts. A search is for beginnings of words, which
-- serves one letter as well as ten and needs no recheck; a trigram index cannot be asked for "ca".
CREATE FUNCTION pub.words(folded text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT array_to_tsvector(array_remove(regexp_split_to_array(left(folded, 2000), '[^[:alnum:]]+'), '')) $$;
ALTER TABLE ocop.product_period ALTER name_folded SET STATISTICS 500, ALTER name_lower SET STATISTICS 500, ALTER name_words SET STATISTICS 500, ALTER search_words SET STATISTICS 500;
CREATE INDEX product_period_search ON ocop.product_period USING gin (search_words);
CREATE INDEX product_period_name_words ON ocop.product_period USING gin (name_words);
CREATE INDEX product_period_prefix ON ocop.product_period (name_folded, product_key);  -- collation C: prefixes and order
CREATE INDEX product_period_name ON ocop.product_period (name, product_key);
CREATE INDEX product_period_registered ON ocop.product_period (registered_on, product_key);
CREATE INDEX product_period_geom ON ocop.product_period USING gist (geom);
CREATE INDEX product_period_class ON ocop.product_period (class_code);
CREATE INDEX product_period_lineage ON ocop.product_period (lineage_key);
CREATE INDEX product_period_producer ON ocop.product_period (producer_key);

-- The folded syllables of all names: what a mistyped word is corrected to. Never a complete mirror: a word that no name
-- bears any more costs nothing. Without a unique constraint, so that no import makes another's save wait.
CREATE TABLE ocop.search_word (word text COLLATE "C" NOT NULL);
CREATE INDEX search_word_word ON ocop.search_word (word);
CREATE FUNCTION ocop.note_words(names text[]) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS
$$
    INSERT INTO ocop.search_word (word)
    SELECT DISTINCT w.word FROM unnest(names) n CROSS JOIN regexp_split_to_table(n, '[^[:alnum:]]+') w (word)
    WHERE length(w.word) BETWEEN 2 AND 30 AND w.word !~ '[0-9]' AND NOT EXISTS (SELECT FROM ocop.search_word s WHERE s.word = w.word)
$$;

CREATE FUNCTION ocop.derive_product_periods(keys bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
BEGIN
    -- Whoever derives a product waits for whoever changes it or its producer: each then sees the other's rows.
    PERFORM FROM ocop.product p WHERE p.product_key = ANY (keys) ORDER BY p.product_key FOR NO KEY UPDATE;
    PERFORM FROM ocop.producer m WHERE m.producer_key IN (SELECT p.producer_key FROM ocop.product p WHERE p.product_key = ANY (keys))
    ORDER BY m.producer_key FOR SHARE;
    DELETE FROM ocop.product_period d WHERE d.product_key = ANY (keys);
    INSERT INTO ocop.product_period
    SELECT p.product_key, s.since, s.until, p.is_published AND m.is_published,
           s.star, s.valid_to, s.revoked_on, m.lineage_key, s.certificate_key, p.producer_key, m.unit_key,
           p.registered_on, p.is_demo, m.public_geom_approximate, p.class_code, m.public_geom,
           p.name, lower(p.name), p.name_folded, m.name, pub.words(p.name_folded), pub.words(p.name_folded || ' ' || m.name_folded)
    FROM ocop.product p
    JOIN ocop.producer m USING (producer_key)
    CROSS JOIN LATERAL (
        SELECT greatest(p.registered_on, e.starts) AS since,
               greatest(p.registered_on, lead(e.starts, 1, 'infinity') OVER (ORDER BY e.starts, e.counts, e.certificate_key)) AS until,
               e.certificate_key, e.star, e.valid_to, e.revoked_on
        FROM (SELECT '-infinity'::date AS starts, false AS counts, NULL::bigint AS certificate_key, NULL::smallint AS star,
                     NULL::date AS valid_to, NULL::date AS revoked_on
              UNION ALL
              SELECT k.issued_on, NOT isempty(k.in_force), k.certificate_key, k.star, k.valid_to, k.revoked_on
              FROM ocop.certificate k WHERE k.product_key = p.product_key) e) s
    WHERE p.product_key = ANY (keys) AND s.since < s.until;
    PERFORM ocop.note_words(array_agg(DISTINCT p.name_folded)) FROM ocop.product p WHERE p.product_key = ANY (keys);
END
$$;

CREATE FUNCTION ocop.product_period_after_product() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN PERFORM ocop.derive_product_periods(array_agg(product_key)) FROM changed; RETURN NULL; END $$;
CREATE TRIGGER product_period_insert AFTER INSERT ON ocop.product REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.product_period_after_product();
CREATE TRIGGER product_period_update AFTER UPDATE ON ocop.product REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.product_period_after_product();
CREATE TRIGGER product_period_insert AFTER INSERT ON ocop.certificate REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.product_period_after_product();
CREATE TRIGGER product_period_delete AFTER DELETE ON ocop.certificate REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.product_period_after_product();

CREATE FUNCTION ocop.product_period_after_certificate_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    PERFORM ocop.derive_product_periods(array_agg(product_key))
    FROM (SELECT product_key FROM old_rows UNION SELECT product_key FROM new_rows) both_rows;
    RETURN NULL;
END
$$;
CREATE TRIGGER product_period_update AFTER UPDATE ON ocop.certificate REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.product_period_after_certificate_update();

-- A producer's change reaches its products' rows without locking the products (the other order would be a deadlock).
CREATE FUNCTION ocop.product_period_after_producer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE ocop.product_period d
    SET is_public = p.is_published AND n.is_published, lineage_key = n.lineage_key, unit_key = n.unit_key,
        location_approximate = n.public_geom_approximate, geom = n.public_geom, producer_name = n.name,
        search_words = pub.words(d.name_folded || ' ' || pub.fold(n.name))
    FROM new_rows n JOIN ocop.product p USING (producer_key)
    WHERE p.product_key = d.product_key
      AND (d.is_public, d.lineage_key, d.unit_key, d.location_approximate, d.producer_name)
          IS DISTINCT FROM (p.is_published AND n.is_published, n.lineage_key, n.unit_key, n.public_geom_approximate, n.name)
       OR p.product_key = d.product_key AND d.geom IS DISTINCT FROM n.public_geom;
    PERFORM ocop.note_words(array_agg(pub.fold(n.name))) FROM new_rows n;
    RETURN NULL;
END
$$;
CREATE TRIGGER product_period_update AFTER UPDATE ON ocop.producer REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.product_period_after_producer();
CREATE FUNCTION ocop.note_producer_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN PERFORM ocop.note_words(array_agg(pub.fold(n.name))) FROM new_rows n; RETURN NULL; END $$;
CREATE TRIGGER producer_words AFTER INSERT ON ocop.producer REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.note_producer_words();

-- TRUNCATE fires no row or transition trigger.
CREATE FUNCTION ocop.product_period_after_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN DELETE FROM ocop.product_period; PERFORM ocop.derive_product_periods(array_agg(product_key)) FROM ocop.product; RETURN NULL; END $$;
CREATE TRIGGER product_period_truncate AFTER TRUNCATE ON ocop.certificate
    FOR EACH STATEMENT EXECUTE FUNCTION ocop.product_period_after_truncate();

SELECT ocop.derive_product_periods(array_agg(product_key)) FROM ocop.product;
SELECT ocop.note_words(array_agg(name_folded)) FROM ocop.producer;

CREATE VIEW pub.product_period AS SELECT * FROM ocop.product_period WHERE is_public;
CREATE VIEW pub.search_word AS SELECT word FROM ocop.search_word;

-- The state of a period's certificate on a day inside it; the same words as pub.certificate.
CREATE FUNCTION pub.certificate_state(certificate_key bigint, valid_to date, revoked_on date, at date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN certificate_key IS NULL THEN 'none' WHEN revoked_on <= at THEN 'revoked' WHEN valid_to <= at THEN 'expired'
               WHEN valid_to <= at + 180 THEN 'expiring' ELSE 'valid' END $$;

-- The one filter of every product list, facet, count and export. NULL means: not filtered by this. Inlined by the
-- planner, so that with custom plans each condition that is NULL disappears.
-- words: beginnings of folded words, all of which must be there.
-- lineages: the territory of a unit in any frame; no_unit: those without a place.
CREATE FUNCTION pub.match_products(
    at date, words tsquery, classes text[], stars integer[], states text[],
    lineages integer[], no_unit boolean, zone bigint, producer bigint,
    west double precision, south double precision, east double precision, north double precision,
    lon double precision, lat double precision, radius_m double precision, area geometry)
RETURNS TABLE (
    product_key bigint, name text, name_lower text, name_folded text, name_words tsvector, class_code text, registered_on date,
    producer_key bigint, producer_name text, unit_key bigint, lineage_key integer, certificate_key bigint,
    certificate_state text, star integer, certificate_valid_to date, location_approximate boolean, is_demo boolean, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT p.product_key, p.name, p.name_lower, p.name_folded, p.name_words, p.class_code, p.registered_on,
           p.producer_key, p.producer_name, p.unit_key, p.lineage_key, p.certificate_key,
           pub.certificate_state(p.certificate_key, p.valid_to, p.revoked_on, at),
           CASE WHEN p.valid_to > at AND (p.revoked_on IS NULL OR p.revoked_on > at) THEN p.star::integer END,
           CASE WHEN p.valid_to > at AND (p.revoked_on IS NULL OR p.revoked_on > at) THEN p.valid_to END,
           p.location_approximate, p.is_demo, p.geom
    FROM pub.product_period p
    WHERE p.since <= at AND p.until > at
      AND (words IS NULL OR p.search_words @@ words)
      AND (classes IS NULL OR p.class_code = ANY (classes))
      AND (stars IS NULL OR (p.valid_to > at AND (p.revoked_on IS NULL OR p.revoked_on > at) AND p.star = ANY (stars)))
      AND (states IS NULL OR pub.certificate_state(p.certificate_key, p.valid_to, p.revoked_on, at) = ANY (states))
      AND (lineages IS NULL OR p.lineage_key = ANY (lineages))
      AND (no_unit IS NULL OR (p.lineage_key IS NULL) = no_unit)
      AND (zone IS NULL OR p.product_key IN (SELECT z.product_key FROM pub.product_zone z WHERE z.zone_key = zone))
      AND (producer IS NULL OR p.producer_key = producer)
      AND (west IS NULL OR p.geom && ST_MakeEnvelope(west, south, east, north, 4326))
      AND (radius_m IS NULL OR (p.geom && ST_Expand(ST_SetSRID(ST_MakePoint(lon, lat), 4326),
                                                    least(180, radius_m / 110000 / greatest(0.01, cos(radians(least(89, abs(lat) + radius_m / 110000))))),
                                                    radius_m / 110000)
                                AND ST_DWithin(p.geom::geography, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography, radius_m)))
      AND (area IS NULL OR ST_Intersects(p.geom, area))
$$;
