-- Score cards in the database: a version is proposed by one person and published by another, and never changes after that
-- (docs/reference/grading.md). `content` is the whole rubric as programme/grading writes it; criterion and option repeat the figures
-- for statements. Locks nothing: new tables.
CREATE SCHEMA rubric;
GRANT USAGE ON SCHEMA rubric TO ocopmap_public, ocopmap_member, ocopmap_editor;

-- SHA-256 of a value as jsonb writes itself, which is in one way only; databases of ocopmap are UTF-8.
CREATE FUNCTION rubric.digest(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SET search_path = pg_catalog, pg_temp AS $$ SELECT encode(sha256(convert_to(value::text, 'UTF8')), 'hex') $$;

CREATE TABLE rubric.version (
    version_key  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rubric       text NOT NULL,                               -- QD26-2026
    edition      integer NOT NULL CHECK (edition >= 1),       -- of that version and text: what was published is replaced, never mended
    is_official  boolean NOT NULL,                            -- false: labels of our own, for training
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'proposed', 'published')),
    content      jsonb NOT NULL CHECK (content->>'version' = rubric),
    digest       text GENERATED ALWAYS AS (rubric.digest(content)) STORED,
    findings     jsonb NOT NULL DEFAULT '[]',                 -- what the checks left undecided; nothing wrong is ever kept
    note         text,
    brought_at   timestamptz NOT NULL DEFAULT now(),
    proposed_by  bigint REFERENCES auth.account,
    proposed_at  timestamptz,
    published_by bigint REFERENCES auth.account,
    published_at timestamptz,
    UNIQUE (rubric, is_official, edition),
    CHECK ((proposed_by IS NULL) = (proposed_at IS NULL) AND (published_by IS NULL) = (published_at IS NULL)),
    CHECK (state = 'draft' OR proposed_at IS NOT NULL),
    CHECK ((state = 'published') = (published_at IS NOT NULL)),
    CHECK (published_by <> proposed_by)                       -- two people
);

CREATE TABLE rubric.criterion (
    version_key bigint NOT NULL REFERENCES rubric.version ON DELETE CASCADE,
    set_no      integer NOT NULL,
    criterion   text NOT NULL,
    place       integer NOT NULL,                             -- on the card
    part        text NOT NULL,
    max_points  numeric NOT NULL,
    is_heading  boolean NOT NULL,
    has_cases   boolean NOT NULL,
    PRIMARY KEY (version_key, set_no, criterion)
);
CREATE TABLE rubric.option (
    version_key bigint NOT NULL,
    set_no      integer NOT NULL,
    criterion   text NOT NULL,
    option_no   integer NOT NULL,
    case_no     integer NOT NULL,                             -- 0: of no case
    points      numeric NOT NULL,
    min_star    integer NOT NULL,                             -- 0: no star asks for it
    PRIMARY KEY (version_key, set_no, criterion, option_no),
    FOREIGN KEY (version_key, set_no, criterion) REFERENCES rubric.criterion ON DELETE CASCADE
);

CREATE FUNCTION rubric.spread_content() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    INSERT INTO rubric.criterion
    SELECT NEW.version_key, (s->>'set')::integer, c->>'code', place, c->>'part', (c->>'max')::numeric,
           jsonb_array_length(c->'options') = 0, c ? 'cases'
    FROM jsonb_array_elements(NEW.content->'sets') s, jsonb_array_elements(s->'criteria') WITH ORDINALITY x (c, place);
    INSERT INTO rubric.option
    SELECT NEW.version_key, (s->>'set')::integer, c->>'code', (o->>'option')::integer, coalesce((o->>'case')::integer, 0), (o->>'points')::numeric,
           coalesce((o->>'min_star')::integer, 0)
    FROM jsonb_array_elements(NEW.content->'sets') s, jsonb_array_elements(s->'criteria') c, jsonb_array_elements(c->'options') o;
    RETURN NULL;
END
$$;
CREATE TRIGGER version_spread AFTER INSERT ON rubric.version FOR EACH ROW EXECUTE FUNCTION rubric.spread_content();

-- A version goes forward only, and what it says stays what it said.
CREATE FUNCTION rubric.hold_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'published' THEN
            RAISE EXCEPTION 'rubric % edition % is published: it stays', OLD.rubric, OLD.edition USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.rubric, NEW.edition, NEW.is_official, NEW.content) IS DISTINCT FROM (OLD.rubric, OLD.edition, OLD.is_official, OLD.content) OR OLD.state = 'published' THEN
        RAISE EXCEPTION 'rubric % edition % is %: its content does not change, bring a new edition', OLD.rubric, OLD.edition, OLD.state
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER version_hold BEFORE UPDATE OR DELETE ON rubric.version FOR EACH ROW EXECUTE FUNCTION rubric.hold_version();
CREATE FUNCTION rubric.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM rubric.version v WHERE v.version_key = OLD.rubric_key) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'criteria and options of a rubric do not change: bring a new edition' USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
CREATE TRIGGER criterion_hold BEFORE UPDATE OR DELETE ON rubric.criterion FOR EACH ROW EXECUTE FUNCTION rubric.refuse_change();
CREATE TRIGGER option_hold BEFORE UPDATE OR DELETE ON rubric.option FOR EACH ROW EXECUTE FUNCTION rubric.refuse_change();

-- What counts: the last edition published; for a decision of the official text.
CREATE FUNCTION rubric.current(of_rubric text, official boolean) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$
    SELECT v.version_key FROM rubric.version v
    WHERE v.rubric = of_rubric AND v.state = 'published' AND v.is_official = official ORDER BY v.edition DESC LIMIT 1
$$;

GRANT SELECT ON rubric.version, rubric.criterion, rubric.option TO ocopmap_public, ocopmap_member, ocopmap_editor;
GRANT INSERT ON rubric.version TO ocopmap_r08;
GRANT UPDATE (state, proposed_by, proposed_at, published_by, published_at, note) ON rubric.version TO ocopmap_r08;
ALTER TABLE rubric.version ENABLE ROW LEVEL SECURITY;
CREATE POLICY version_public ON rubric.version FOR SELECT USING (state = 'published');
CREATE POLICY version_office ON rubric.version TO ocopmap_r08 USING (true)
    WITH CHECK (state = 'draft' OR proposed_by = auth.account() OR (state = 'published' AND published_by = auth.account()));
CREATE POLICY version_editor ON rubric.version TO ocopmap_editor USING (true) WITH CHECK (true);
SELECT audit.watch('rubric.version', 'version_key', '{}');
