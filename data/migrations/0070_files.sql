-- Stored files: photos, certificates, evidence. The bytes lie in a store under their SHA-256 (programme/files); here is what is
-- known of them, who brought them, and who may see them: whoever may see a row of the record that names the file.
-- Locks the six tables that name files for the moment it takes to create triggers and indexes (1 s for 100,000 products).
CREATE SCHEMA files;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ocopmap_keeper') THEN
        CREATE ROLE ocopmap_keeper NOLOGIN;                  -- sweeps, and tells what the scanner said later
    END IF;
    IF NOT pg_has_role('ocopmap_api', 'ocopmap_keeper', 'MEMBER') THEN
        GRANT ocopmap_keeper TO ocopmap_api;
    END IF;
END $$;

CREATE TABLE files.file (
    sha256     text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes      bigint NOT NULL CHECK (bytes > 0),
    media_type text NOT NULL,                                -- what the content is, not what its name says
    width      integer, height integer,                      -- of a picture, upright
    taken_at   timestamp,                                    -- by the camera's clock, which names no zone: evidence
    place      geometry(Point, 4326),                        -- where the camera said it stood: evidence
    scan       text NOT NULL CHECK (scan IN ('clean', 'none', 'waiting', 'infected')),  -- none: no scanner was configured
    is_kept    boolean NOT NULL DEFAULT false,               -- was named once where nothing is ever overwritten
    let_go_at  timestamptz,                                  -- when a row last stopped naming it
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX file_waiting ON files.file (sha256) WHERE scan = 'waiting';

-- Copies made of a picture, without what the camera wrote into it.
CREATE TABLE files.copy (
    sha256        text NOT NULL REFERENCES files.file ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('public', '1280', '320')),  -- pixels of the longer side
    stored_sha256 text NOT NULL CHECK (stored_sha256 ~ '^[0-9a-f]{64}$'),
    bytes         bigint NOT NULL CHECK (bytes > 0),
    media_type    text NOT NULL,
    PRIMARY KEY (sha256, kind)
);
CREATE INDEX copy_stored ON files.copy (stored_sha256);

-- Who brought it, under which name. Two people may bring the same content and need not know of each other.
CREATE TABLE files.holding (
    holding_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256      text NOT NULL REFERENCES files.file ON DELETE CASCADE,
    account_key bigint NOT NULL REFERENCES auth.account,
    name        text NOT NULL CHECK (name = normalize(name, NFC) AND name !~ '[/\\\x01-\x1f\x7f]' AND octet_length(name) BETWEEN 1 AND 200),
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_key, sha256)
);
CREATE INDEX holding_file ON files.holding (sha256);

-- What is on its way in pieces. The bytes wait in a file of that name; only what bytes_there says counts.
CREATE TABLE files.upload (
    upload        text PRIMARY KEY CHECK (upload ~ '^[0-9a-f]{32}$'),
    account_key   bigint NOT NULL DEFAULT auth.account() REFERENCES auth.account,
    name          text NOT NULL,
    declared_type text NOT NULL,                             -- empty: not declared
    bytes_total   bigint NOT NULL CHECK (bytes_total > 0),
    bytes_there   bigint NOT NULL DEFAULT 0 CHECK (bytes_there BETWEEN 0 AND bytes_total),
    stored_sha256 text,                                      -- when it is complete
    expires_at    timestamptz NOT NULL
);
CREATE INDEX upload_account ON files.upload (account_key);

-- Which columns of the record name files: those of type file in data/dictionary.csv. keeps: what was named there stays for ever.
CREATE TABLE files.field (
    object      text NOT NULL,                               -- schema.table
    column_name name NOT NULL,
    keeps       boolean NOT NULL,
    PRIMARY KEY (object, column_name)
);

-- Whether a row that the caller may see names the file: policies and grants decide, as everywhere.
CREATE FUNCTION files.is_named_to_me(hash text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    f     files.field;
    named boolean;
BEGIN
    FOR f IN SELECT * FROM files.field LOOP
        CONTINUE WHEN NOT has_column_privilege(f.object, f.column_name::text, 'SELECT');
        EXECUTE format('SELECT EXISTS (SELECT FROM %s t WHERE t.%I = $1)', f.object::regclass, f.column_name) INTO named USING hash;
        IF named THEN RETURN true; END IF;
    END LOOP;
    RETURN false;
END
$$;
-- Whether any row does: for the sweep.
CREATE FUNCTION files.is_named(hash text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT files.is_named_to_me(hash) $$;

-- A row begins to name a file, or ends to: the file is held so that no sweep takes it. False: there is no such file.
CREATE FUNCTION files.mark(named text, let_go text, keeps boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    UPDATE files.file SET let_go_at = now() WHERE sha256 = let_go;
    PERFORM FROM files.file WHERE sha256 = named FOR KEY SHARE;
    IF NOT FOUND THEN RETURN false; END IF;
    IF keeps THEN UPDATE files.file SET is_kept = true WHERE sha256 = named AND NOT is_kept; END IF;
    RETURN true;
END
$$;

-- People name files that they brought, or that a row they may see names already: who has learned a hash has not got the file.
-- Arguments: column, keeps.
CREATE FUNCTION files.note_name() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    now_named text := to_jsonb(NEW)->>TG_ARGV[0];
    let_go    text := CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD)->>TG_ARGV[0] END;
    is_person boolean := coalesce(current_setting('ocopmap.account', true), '') <> '';
    is_good   boolean := true;
BEGIN
    IF is_person AND now_named IS NOT NULL THEN
        is_good := EXISTS (SELECT FROM files.file f WHERE f.sha256 = now_named);  -- under the policies
    END IF;
    IF NOT files.mark(now_named, let_go, TG_ARGV[1]::boolean) AND is_person AND now_named IS NOT NULL THEN
        is_good := false;                                    -- swept in this very moment
    END IF;
    IF NOT is_good THEN
        RAISE EXCEPTION '% violates constraint "%": no stored file that the writer may see', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END
$$;

-- Part of every migration that makes a column of type file.
CREATE FUNCTION files.name_by(object text, column_name name, keeps boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    rel regclass := object::regclass;
BEGIN
    INSERT INTO files.field VALUES (object, column_name, keeps);
    EXECUTE format('CREATE INDEX ON %s (%I) WHERE %2$I IS NOT NULL', rel, column_name);
    EXECUTE format('CREATE TRIGGER %I BEFORE INSERT ON %s FOR EACH ROW WHEN (NEW.%I IS NOT NULL) EXECUTE FUNCTION files.note_name(%L, %L)',
                   'names_file_insert_' || column_name, rel, column_name, column_name, keeps);
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OF %I ON %s FOR EACH ROW WHEN (NEW.%2$I IS DISTINCT FROM OLD.%2$I) EXECUTE FUNCTION files.note_name(%4$L, %5$L)',
                   'names_file_update_' || column_name, column_name, rel, column_name, keeps);
END
$$;

-- Notes a file that the acting account brought, with its copies ([{kind, sha256, bytes, media_type}]). What it says: 'stored' (the
-- content is new, its copies count), 'shared' (the content was there), 'held' (this account has it already), 'full' (beyond the quota).
CREATE FUNCTION files.keep(hash text, size bigint, type text, w integer, h integer, taken timestamp, lon double precision, lat double precision,
                           scanned text, copies jsonb, called text, quota bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$
DECLARE
    who    bigint := auth.account();
    is_new boolean;
BEGIN
    IF who IS NULL THEN RAISE EXCEPTION 'files.keep: nobody acts' USING ERRCODE = 'insufficient_privilege'; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ocopmap files of ' || who));
    PERFORM pg_advisory_xact_lock_shared(hashtext('ocopmap files'));  -- the sweep takes it alone
    IF EXISTS (SELECT FROM files.holding o WHERE o.account_key = who AND o.sha256 = hash) THEN RETURN 'held'; END IF;
    IF size + files.used_by(who) > quota THEN RETURN 'full'; END IF;
    INSERT INTO files.file (sha256, bytes, media_type, width, height, taken_at, place, scan)
    VALUES (hash, size, type, w, h, taken, ST_SetSRID(ST_MakePoint(lon, lat), 4326), scanned) ON CONFLICT (sha256) DO NOTHING;
    is_new := FOUND;
    IF is_new THEN
        INSERT INTO files.copy SELECT hash, c->>'kind', c->>'sha256', (c->>'bytes')::bigint, c->>'media_type' FROM jsonb_array_elements(copies) c;
    ELSIF scanned = 'clean' THEN
        UPDATE files.file f SET scan = 'clean' WHERE f.sha256 = hash AND f.scan <> 'clean';
    END IF;
    INSERT INTO files.holding (sha256, account_key, name) VALUES (hash, who, called);
    RETURN CASE WHEN is_new THEN 'stored' ELSE 'shared' END;
END
$$;
-- Bytes an account holds, and those it has announced.
CREATE FUNCTION files.used_by(who bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT coalesce((SELECT sum(f.bytes) FROM files.holding o JOIN files.file f USING (sha256) WHERE o.account_key = who), 0)
         + coalesce((SELECT sum(u.bytes_total) FROM files.upload u WHERE u.account_key = who AND u.stored_sha256 IS NULL AND u.expires_at > now()), 0)
$$;

ALTER TABLE files.file ENABLE ROW LEVEL SECURITY;
ALTER TABLE files.copy ENABLE ROW LEVEL SECURITY;
ALTER TABLE files.holding ENABLE ROW LEVEL SECURITY;
ALTER TABLE files.upload ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON files.holding FOR SELECT TO ocopmap_member USING (account_key = (SELECT auth.account()));
-- What has not been scanned yet is its bringer's only.
CREATE POLICY seen ON files.file FOR SELECT TO ocopmap_member USING (
    scan <> 'infected'
    AND (EXISTS (SELECT FROM files.holding o WHERE o.sha256 = file.sha256 AND o.account_key = (SELECT auth.account()))
         OR scan <> 'waiting' AND files.is_named_to_me(sha256)));
CREATE POLICY seen ON files.copy FOR SELECT TO ocopmap_member USING (EXISTS (SELECT FROM files.file f WHERE f.sha256 = copy.sha256));
CREATE POLICY own ON files.upload TO ocopmap_member USING (account_key = (SELECT auth.account())) WITH CHECK (account_key = (SELECT auth.account()));
CREATE POLICY keeper ON files.file TO ocopmap_keeper USING (true) WITH CHECK (true);
CREATE POLICY keeper ON files.copy FOR SELECT TO ocopmap_keeper USING (true);
CREATE POLICY keeper ON files.holding FOR SELECT TO ocopmap_keeper USING (true);
CREATE POLICY keeper ON files.upload TO ocopmap_keeper USING (true);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA files FROM PUBLIC;
GRANT USAGE ON SCHEMA files TO ocopmap_member, ocopmap_editor, ocopmap_keeper;
GRANT SELECT ON files.file, files.copy, files.holding, files.field TO ocopmap_member, ocopmap_keeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON files.upload TO ocopmap_member;
GRANT EXECUTE ON FUNCTION files.is_named_to_me(text), files.used_by(bigint),
    files.keep(text, bigint, text, integer, integer, timestamp, double precision, double precision, text, jsonb, text, bigint) TO ocopmap_member;
GRANT EXECUTE ON FUNCTION files.mark(text, text, boolean), files.note_name() TO ocopmap_member, ocopmap_editor;
GRANT UPDATE (scan), DELETE ON files.file TO ocopmap_keeper;
GRANT SELECT, DELETE ON files.upload TO ocopmap_keeper;
GRANT EXECUTE ON FUNCTION files.is_named(text) TO ocopmap_keeper;

SELECT files.name_by('ocop.producer', 'organisation_chart_file'), files.name_by('ocop.business_year', 'financial_report_file'),
       files.name_by('ocop.product', 'label_file'), files.name_by('ocop.product', 'photo_file'),
       files.name_by('ocop.linkage_contract', 'contract_file'), files.name_by('ocop.evidence', 'evidence_file', keeps => true);
SELECT audit.watch('files.file', 'sha256', hidden => ARRAY['place', 'taken_at']), audit.watch('files.holding', 'holding_key', hidden => ARRAY['name']);

-- What everybody may see: files that public fields of published products name. Copies only, where there are copies.
CREATE VIEW pub.file AS
    SELECT f.sha256, f.bytes, f.media_type FROM files.file f
    WHERE f.scan IN ('clean', 'none')
      AND (EXISTS (SELECT FROM ocop.product p JOIN ocop.producer m USING (producer_key)
                   WHERE p.photo_file = f.sha256 AND p.is_published AND m.is_published AND p.registered_on <= (SELECT pub.at()))
           OR EXISTS (SELECT FROM ocop.product p JOIN ocop.producer m USING (producer_key)
                      WHERE p.label_file = f.sha256 AND p.is_published AND m.is_published AND p.registered_on <= (SELECT pub.at())));
CREATE VIEW pub.file_copy AS SELECT c.sha256, c.kind, c.stored_sha256, c.bytes, c.media_type FROM files.copy c JOIN pub.file USING (sha256);
GRANT SELECT ON pub.file, pub.file_copy TO ocopmap_public;
