-- What the work pages need besides the record: drafts of forms, and how many rows carry each field. Locks nothing.
CREATE SCHEMA draft;

-- A form that somebody began, as their browser would send it, without what is kept sealed and without sensitive data. Nobody else
-- reads it. It goes when the form is saved, when its owner throws it away, and 30 days after the last keystroke.
CREATE TABLE draft.record_draft (
    account_key bigint NOT NULL REFERENCES auth.account ON DELETE CASCADE,
    entity      text NOT NULL CHECK (entity ~ '^[a-z][a-z-]{1,60}$'),
    row_key     bigint NOT NULL CHECK (row_key >= 0),       -- 0: a new row
    form        text NOT NULL CHECK (length(form) <= 2000000),
    saved_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_key, entity, row_key)
);
CREATE INDEX record_draft_age ON draft.record_draft (saved_at);
ALTER TABLE draft.record_draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON draft.record_draft TO ocopmap_member
    USING (account_key = (SELECT (auth.acting()).account_key)) WITH CHECK (account_key = (SELECT (auth.acting()).account_key));
GRANT USAGE ON SCHEMA draft TO ocopmap_member;
GRANT SELECT, INSERT, UPDATE, DELETE ON draft.record_draft TO ocopmap_member;
GRANT EXECUTE ON FUNCTION auth.acting() TO ocopmap_member;

-- How the people are called who changed a row; a history says it to whoever may see the row.
CREATE FUNCTION auth.names_of(accounts bigint[]) RETURNS TABLE (account_key bigint, display_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT a.account_key, a.display_name FROM auth.account a WHERE a.account_key = ANY (accounts) $$;
REVOKE ALL ON FUNCTION auth.names_of(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.names_of(bigint[]) TO ocopmap_member;

-- How many rows there are and how many carry each column, of the tables of the record: figures only, so whoever asks may know.
CREATE FUNCTION pub.field_counts() RETURNS TABLE (table_name text, column_name text, total bigint, filled bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT c.oid::regclass AS object, n.nspname || '.' || c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
                    string_agg(format('count(r.%I)', a.attname), ', ' ORDER BY a.attnum) AS counts
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE n.nspname IN ('geo', 'ocop', 'trace') AND c.relkind IN ('r', 'p') AND NOT c.relispartition OR c.oid = 'pub.certificate'::regclass
             GROUP BY 1, 2 LOOP
        RETURN QUERY EXECUTE format('SELECT $1, v.name, s.total, v.filled FROM (SELECT count(*) AS total, ARRAY[%s] AS counts FROM %s r) s, '
                                    'LATERAL unnest($2, s.counts) AS v (name, filled)', t.counts, t.object) USING t.name, t.columns;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION pub.field_counts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pub.field_counts() TO ocopmap_public;
