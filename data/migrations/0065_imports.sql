-- Imports of many rows as jobs: a person hands in a file, the service's worker reads it into staging, checks it, and merges the good
-- rows in one transaction on behalf of that person (docs/reference/import.md). Locks nothing of before.
CREATE SCHEMA imports;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ocopmap_importer') THEN
        CREATE ROLE ocopmap_importer NOLOGIN;             -- the worker between merges: jobs and staging, no row of the record
    END IF;
    IF NOT EXISTS (SELECT FROM pg_auth_members WHERE roleid = 'ocopmap_importer'::regrole AND member = 'ocopmap_api'::regrole) THEN
        GRANT ocopmap_importer TO ocopmap_api;
    END IF;
    IF NOT pg_has_role(current_user, 'ocopmap_importer', 'MEMBER') THEN
        EXECUTE format('GRANT ocopmap_importer TO %I', current_user);  -- the operator's command
    END IF;
END $$;

CREATE TABLE imports.job (
    job_key      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_key  bigint REFERENCES auth.account ON DELETE CASCADE,     -- NULL: the operator's command
    grant_key    bigint REFERENCES auth.role_grant ON DELETE CASCADE,  -- acts under this one
    role         text NOT NULL CHECK (role ~ '^R(0[1-9]|1[0-8])$'),    -- whose fields the file may hold
    request      text NOT NULL,
    reason       text NOT NULL,                                        -- for the history of the rows
    entity       text NOT NULL,
    file_name    text NOT NULL,
    file_format  text NOT NULL CHECK (file_format IN ('csv', 'xlsx', 'gpkg', 'geojson', 'fgb')),
    partial      boolean NOT NULL,                                     -- false: all rows or none
    renamed      jsonb NOT NULL,                                       -- column of the file -> field
    epsg         integer NOT NULL,                                     -- 0: what the file says
    layer        text NOT NULL,
    headings     text[],                                               -- the file's columns and the field each is, for the report
    fields       text[],
    state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    phase        text NOT NULL DEFAULT 'reading' CHECK (phase IN ('reading', 'merging', 'overlaps')),  -- 'overlaps': the rows are in
    attempts     integer NOT NULL DEFAULT 0,                           -- a server that ends in the middle lets the next begin anew
    cancel_wanted boolean NOT NULL DEFAULT false,
    rows_total   bigint,                                               -- NULL: not known before the file is read
    rows_read    bigint NOT NULL DEFAULT 0,
    rows_merged  bigint NOT NULL DEFAULT 0,                            -- gone through by the merge so far
    rows_taken   bigint NOT NULL DEFAULT 0,                            -- new or changed
    rows_unchanged bigint NOT NULL DEFAULT 0,                          -- in the record as they stand in the file
    rows_refused bigint NOT NULL DEFAULT 0,
    message      text,                                                 -- why it failed
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    merged_at    timestamptz,
    finished_at  timestamptz,
    CHECK ((account_key IS NULL) = (grant_key IS NULL))
);
CREATE INDEX job_account ON imports.job (account_key, job_key);
CREATE INDEX job_waiting ON imports.job (job_key) WHERE state IN ('queued', 'running');

-- The file, in pieces, until the job has ended. UNLOGGED: a crash of the database server loses it, and the job says so.
CREATE UNLOGGED TABLE imports.file (
    job_key      bigint NOT NULL REFERENCES imports.job ON DELETE CASCADE,
    part         integer NOT NULL,
    bytes        bytea NOT NULL,
    PRIMARY KEY (job_key, part)
);

-- A row of the file: as it came, and what goes into the record. No policies here (COPY knows none): people reach it by imports.rows().
CREATE UNLOGGED TABLE imports.staged (
    job_key      bigint NOT NULL REFERENCES imports.job ON DELETE CASCADE,
    line         bigint NOT NULL,
    external_id  text,
    is_good      boolean NOT NULL,
    sent         jsonb,                                   -- column -> value as text, '@' || column -> external id of the row it points at
    cells        jsonb NOT NULL,                          -- texts by column of the file; numbers that are kept sealed are left out
    PRIMARY KEY (job_key, line)
);

CREATE TABLE imports.issue (                              -- what is wrong, one line a value
    issue_key    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_key      bigint NOT NULL REFERENCES imports.job ON DELETE CASCADE,
    line         bigint NOT NULL,
    field        text NOT NULL,
    value        text NOT NULL,
    allowed      text NOT NULL
);
CREATE INDEX issue_job ON imports.issue (job_key, line, issue_key);

CREATE TABLE imports.touched (                            -- zones and plots a job has written
    job_key      bigint NOT NULL REFERENCES imports.job ON DELETE CASCADE,
    row_key      bigint NOT NULL,
    PRIMARY KEY (job_key, row_key)
);
CREATE TABLE imports.overlap (                            -- what they share ground with; a pair of two rows of one job stands once
    job_key      bigint NOT NULL REFERENCES imports.job ON DELETE CASCADE,
    row_key      bigint NOT NULL,
    code         text NOT NULL,
    other_key    bigint NOT NULL,
    other_code   text NOT NULL,
    share        double precision NOT NULL,               -- of the smaller one
    kind         text NOT NULL CHECK (kind IN ('same', 'dispute', 'sliver')),
    PRIMARY KEY (job_key, row_key, other_key)
);

GRANT USAGE ON SCHEMA imports TO ocopmap_importer, ocopmap_member;
GRANT USAGE ON SCHEMA public TO ocopmap_importer;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA imports TO ocopmap_importer;
GRANT SELECT ON imports.job, imports.issue, imports.overlap TO ocopmap_member;
GRANT INSERT (account_key, grant_key, role, request, reason, entity, file_name, file_format, partial, renamed, epsg, layer) ON imports.job TO ocopmap_member;
GRANT INSERT ON imports.file TO ocopmap_member;

ALTER TABLE imports.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE imports.file ENABLE ROW LEVEL SECURITY;
ALTER TABLE imports.issue ENABLE ROW LEVEL SECURITY;
ALTER TABLE imports.overlap ENABLE ROW LEVEL SECURITY;
CREATE POLICY importer ON imports.job TO ocopmap_importer USING (true) WITH CHECK (true);
CREATE POLICY importer ON imports.file TO ocopmap_importer USING (true) WITH CHECK (true);
CREATE POLICY importer ON imports.issue TO ocopmap_importer USING (true) WITH CHECK (true);
CREATE POLICY importer ON imports.overlap TO ocopmap_importer USING (true) WITH CHECK (true);
CREATE POLICY own_read ON imports.job FOR SELECT TO ocopmap_member USING (account_key = (SELECT auth.account()));
CREATE POLICY own_insert ON imports.job FOR INSERT TO ocopmap_member
    WITH CHECK (account_key = (SELECT auth.account()) AND grant_key = (SELECT auth.grant_key()));
CREATE POLICY own_insert ON imports.file FOR INSERT TO ocopmap_member
    WITH CHECK (EXISTS (SELECT FROM imports.job j WHERE j.job_key = file.job_key AND j.account_key = (SELECT auth.account()) AND j.state = 'queued'));
CREATE POLICY own_read ON imports.issue FOR SELECT TO ocopmap_member
    USING (EXISTS (SELECT FROM imports.job j WHERE j.job_key = issue.job_key AND j.account_key = (SELECT auth.account())));
CREATE POLICY own_read ON imports.overlap FOR SELECT TO ocopmap_member
    USING (EXISTS (SELECT FROM imports.job j WHERE j.job_key = overlap.job_key AND j.account_key = (SELECT auth.account())));

-- Whether a job is of whoever acts in this transaction. A session without an actor is the operator's.
CREATE FUNCTION imports.is_own(job bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT EXISTS (SELECT FROM imports.job j WHERE j.job_key = job
                   AND (j.account_key = auth.account()
                        OR j.account_key IS NULL
                           AND pg_has_role(session_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = 'imports.job'::regclass), 'MEMBER')))
$$;
-- The good rows of one's own job after one line and up to another.
CREATE FUNCTION imports.rows(job bigint, after_line bigint, to_line bigint) RETURNS TABLE (line bigint, sent jsonb)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp AS
$$
    SELECT s.line, s.sent FROM imports.staged s
    WHERE s.job_key = job AND s.line > after_line AND s.line <= to_line AND s.is_good AND imports.is_own(job)
$$;
-- Every row of one's own job as it came, for its report.
CREATE FUNCTION imports.cells(job bigint, after_line bigint, most integer, only_refused boolean) RETURNS TABLE (line bigint, cells jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT s.line, s.cells FROM imports.staged s
    WHERE s.job_key = job AND s.line > after_line AND imports.is_own(job) AND NOT (only_refused AND s.is_good)
    ORDER BY s.line LIMIT most
$$;
-- Cancels one's own job: at once while it waits, else as soon as the worker looks. What is in the record stays there.
-- NULL: there is no such job; otherwise whether anything was left to cancel.
CREATE FUNCTION imports.cancel(job bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    j imports.job;
BEGIN
    SELECT * INTO j FROM imports.job k WHERE k.job_key = job FOR UPDATE;
    IF NOT FOUND OR NOT imports.is_own(job) THEN RETURN NULL; END IF;
    IF j.phase = 'overlaps' OR j.state NOT IN ('queued', 'running') THEN RETURN false; END IF;
    UPDATE imports.job k SET cancel_wanted = true, state = CASE WHEN j.state = 'queued' THEN 'cancelled' ELSE j.state END,
        finished_at = CASE WHEN j.state = 'queued' THEN now() END
    WHERE k.job_key = job;
    IF j.state = 'queued' THEN
        DELETE FROM imports.file f WHERE f.job_key = job;
        DELETE FROM imports.staged s WHERE s.job_key = job;
    END IF;
    RETURN true;
END
$$;

-- Before the overlaps of a job: nothing found yet, and the planner knows how many rows have come.
CREATE FUNCTION imports.begin_overlaps(job bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    DELETE FROM imports.overlap o WHERE o.job_key = job;
    ANALYZE imports.touched;
    CASE (SELECT j.entity FROM imports.job j WHERE j.job_key = job)
        WHEN 'plots' THEN ANALYZE geo.plot;
        WHEN 'zones' THEN ANALYZE geo.zone;
        ELSE NULL;
    END CASE;
END
$$;
-- Notes what some of a job's zones or plots share ground with, at most 20 each. It looks past the policies, as
-- geo.overlaps_of() does, and gives away no more than code and share. Areas on the ellipsoid cost most of it: they are
-- worked out only where degrees say that there is something in common.
CREATE FUNCTION imports.find_overlaps(job bigint, keys bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS
$$
DECLARE
    of_entity text := (SELECT j.entity FROM imports.job j WHERE j.job_key = job);
    columns   text[] := CASE of_entity WHEN 'plots' THEN '{geo.plot,plot_key,plot_code,plot_geom,true}'
                                       WHEN 'zones' THEN '{geo.zone,zone_key,code,geom,b.valid_to IS NULL}' END;
BEGIN
    IF columns IS NULL THEN RETURN; END IF;
    EXECUTE format($find$
        INSERT INTO imports.overlap
        SELECT $1, g.row_key, g.code, g.other_key, g.other_code, g.share,
               CASE WHEN g.share >= 0.9 THEN 'same' WHEN g.share < 0.05 THEN 'sliver' ELSE 'dispute' END
        FROM (SELECT a.%2$s AS row_key, a.%3$s AS code, f.other_key, f.other_code,
                     ST_Area(f.common::geography) / nullif(ST_Area(CASE WHEN ST_Area(f.other) < ST_Area(a.%4$s) THEN f.other ELSE a.%4$s END::geography), 0) AS share
              FROM unnest($2) k (row_key) JOIN %1$s a ON a.%2$s = k.row_key
              CROSS JOIN LATERAL (
                  SELECT s.* FROM (SELECT b.%2$s AS other_key, b.%3$s AS other_code, b.%4$s AS other, ST_Intersection(a.%4$s, b.%4$s) AS common
                                   FROM %1$s b
                                   WHERE b.%4$s && a.%4$s AND b.%2$s <> a.%2$s AND b.retired_at IS NULL AND %5$s
                                     AND (b.%2$s > a.%2$s OR NOT EXISTS (SELECT FROM imports.touched t WHERE t.job_key = $1 AND t.row_key = b.%2$s))
                                   OFFSET 0) s
                  WHERE ST_Area(s.common) > 1e-6 * least(ST_Area(s.other), ST_Area(a.%4$s))
                  LIMIT 20) f
              OFFSET 0) g
        ON CONFLICT DO NOTHING $find$, VARIADIC columns)
    USING job, keys;
END
$$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA imports FROM PUBLIC;
GRANT EXECUTE ON FUNCTION imports.is_own(bigint), imports.rows(bigint, bigint, bigint), imports.cells(bigint, bigint, integer, boolean), imports.cancel(bigint)
    TO ocopmap_member;
GRANT EXECUTE ON FUNCTION imports.begin_overlaps(bigint), imports.find_overlaps(bigint, bigint[]) TO ocopmap_importer;
