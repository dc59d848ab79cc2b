-- What CQL2 needs beside PostgreSQL's own operators (gis_core/cql2/sql.cpp); evaluate.cpp computes the same in memory.
-- Locks nothing: only new functions.

-- CASEI: ß and SS, Σ and ς agree. The root collation of ICU, whatever the database's own is.
CREATE FUNCTION pub.casei(input text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT lower(upper(normalize(input, NFC) COLLATE "und-x-icu") COLLATE "und-x-icu") $$;

-- ACCENTI: without combining marks, đ as d. Letters such as ø, which Unicode does not decompose, stay.
CREATE FUNCTION pub.accenti(input text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT normalize(translate(regexp_replace(normalize(input, NFD), '[\u0300-\u036f]', '', 'g'), 'đĐ', 'dD'), NFC) $$;

-- Division by zero and roots of negative numbers are nothing, not an error: one row must not fail a whole answer.
CREATE FUNCTION pub.cql2_divide(a float8, b float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$ SELECT a / nullif(b, 0) $$;
CREATE FUNCTION pub.cql2_modulo(a float8, b float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$ SELECT a - b * trunc(a / nullif(b, 0)) $$;
CREATE FUNCTION pub.cql2_power(a float8, b float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT CASE WHEN (a = 0 AND b < 0) OR (a < 0 AND b <> trunc(b)) THEN NULL ELSE power(a, b) END $$;
