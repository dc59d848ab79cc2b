-- Who decides or inspects sees a representative masked (docs/adr/0010): the telephone by its last three digits, in a column of its own, so
-- that rights by column give the one and not the other. Rewrites ocop.representative under an exclusive lock (1 s for 100,000 rows).
CREATE FUNCTION ocop.masked_ending(whole text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SET search_path = pg_catalog, pg_temp AS
$$ SELECT regexp_replace(left(whole, -3), '[[:alnum:]]', '•', 'g') || CASE WHEN length(whole) > 6 THEN right(whole, 3) ELSE '•••' END $$;
ALTER TABLE ocop.representative ADD COLUMN contact_person_phone_masked text GENERATED ALWAYS AS (ocop.masked_ending(contact_person_phone)) STORED;
