-- The dossier's way from draft to certificate (docs/reference/dossiers.md, ADR 14). Which action leads where, who takes it and what it
-- needs are rows of workflow.transition, made of data/workflow.csv by `ocopmap workflow apply`; workflow.move() is the one way to take
-- one. Score sheets are reached through functions only: who sees which changes with signatures, not with territory.
-- Locks ocop.dossier and four tables of group 5 for the moment it takes to create triggers.
CREATE SCHEMA workflow;
GRANT USAGE ON SCHEMA workflow TO ocopmap_public, ocopmap_member, ocopmap_editor;

CREATE TABLE workflow.regime (                                -- data/regimes.csv
    regime text PRIMARY KEY,
    rubric text NOT NULL,
    valid_from date NOT NULL, valid_to date,                  -- a dossier that is filed in between comes under it
    commune_working_days integer,
    certificate_months integer NOT NULL,
    renewal_earliest_days integer, renewal_latest_days integer,
    extension_days integer,
    first_until date, again_until date,                       -- last day for deciding what was filed under it
    district_certifies boolean NOT NULL,
    district_sends_up_from numeric,
    source text NOT NULL
);
CREATE TABLE workflow.transition (                            -- data/workflow.csv
    regime text NOT NULL REFERENCES workflow.regime,
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    roles  text[] NOT NULL,
    needs  text[] NOT NULL,
    guards text[] NOT NULL,
    title_vi text NOT NULL, title_en text NOT NULL,
    place  integer NOT NULL,                                  -- in the list
    PRIMARY KEY (regime, from_state, action)
);
CREATE TABLE workflow.calendar_day (                          -- data/holidays.csv at first, then the administrator's
    day     date PRIMARY KEY,
    kind    text NOT NULL CHECK (kind IN ('holiday', 'working')),  -- working: a Saturday or Sunday that is worked
    name_vi text NOT NULL, name_en text NOT NULL,
    source  text
);
CREATE TABLE workflow.round (
    round_key   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL UNIQUE CHECK (code ~ '^[0-9]{4}-[0-9]{1,2}$'),
    proposals_until date NOT NULL,                            -- last day a commune's proposal may bear
    decide_until date NOT NULL CHECK (decide_until >= proposals_until),
    note        text
);

-- What the workflow knows of a dossier beside the record's own fields.
CREATE TABLE workflow.dossier (
    dossier_key bigint PRIMARY KEY REFERENCES ocop.dossier ON DELETE CASCADE,
    set_no      integer,
    version_key bigint REFERENCES rubric.version,             -- frozen at submission
    round_key   bigint REFERENCES workflow.round,
    council_session_key bigint REFERENCES ocop.council_session ON DELETE SET NULL,
    score_round integer NOT NULL DEFAULT 1,
    state_since timestamptz NOT NULL DEFAULT now(),
    due_on      date                                          -- of what is to be done in this state; stored, never worked out again
);
CREATE INDEX dossier_session ON workflow.dossier (council_session_key);
CREATE TABLE workflow.step (
    step_key    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dossier_key bigint NOT NULL REFERENCES ocop.dossier ON DELETE CASCADE,
    action      text NOT NULL,
    from_state  text NOT NULL, to_state text NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    account_key bigint REFERENCES auth.account,               -- NULL: the clock
    role        text NOT NULL,
    unit_key    bigint REFERENCES geo.admin_unit,             -- that acted, as it was on that day
    reason      text,
    document_no text,
    document_date date,
    details     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX step_dossier ON workflow.step (dossier_key);
CREATE TABLE workflow.supplement_item (
    item_key    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dossier_key bigint NOT NULL REFERENCES ocop.dossier ON DELETE CASCADE,
    step_key    bigint NOT NULL REFERENCES workflow.step ON DELETE CASCADE,
    about       text,                                         -- a kind of evidence, a criterion, a field
    asked       text NOT NULL,
    answer      text,
    answered_at timestamptz
);
CREATE INDEX supplement_item_dossier ON workflow.supplement_item (dossier_key);
CREATE TABLE workflow.bundle (                                -- what a commune sent up: every file with its hash
    step_key    bigint PRIMARY KEY REFERENCES workflow.step ON DELETE CASCADE,
    dossier_key bigint NOT NULL REFERENCES ocop.dossier ON DELETE CASCADE,
    files       jsonb NOT NULL,
    digest      text GENERATED ALWAYS AS (rubric.digest(files)) STORED
);
CREATE INDEX bundle_dossier ON workflow.bundle (dossier_key);
CREATE TABLE workflow.self_answer (
    dossier_key bigint NOT NULL REFERENCES ocop.dossier ON DELETE CASCADE,
    criterion   text NOT NULL,
    option_no   integer NOT NULL CHECK (option_no >= 0),      -- 0: none reached
    note        text,
    answered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dossier_key, criterion)
);
CREATE TABLE workflow.appraisal (
    dossier_key bigint PRIMARY KEY REFERENCES ocop.dossier ON DELETE CASCADE,
    account_key bigint NOT NULL REFERENCES auth.account,
    opinion     text NOT NULL CHECK (btrim(opinion) <> ''),
    visited_on  date,
    visit_geom  geometry(Point, 4326),
    visit_accuracy_m numeric CHECK (visit_accuracy_m >= 0),
    visit_distance_m numeric,                                 -- to the declared place
    photos      text[] NOT NULL DEFAULT '{}',
    version     integer NOT NULL DEFAULT 1
);
CREATE TABLE workflow.seat (                                  -- which account a member of a council signs in with
    council_member_key bigint PRIMARY KEY REFERENCES ocop.council_member ON DELETE CASCADE,
    account_key bigint NOT NULL REFERENCES auth.account
);
CREATE INDEX seat_account ON workflow.seat (account_key);
CREATE TABLE workflow.signature (
    score_sheet_key bigint PRIMARY KEY REFERENCES ocop.score_sheet ON DELETE CASCADE,
    account_key bigint NOT NULL REFERENCES auth.account,
    signed_at   timestamptz NOT NULL DEFAULT now(),
    sheet       jsonb NOT NULL,                               -- the canonical sheet
    hash        text GENERATED ALWAYS AS (rubric.digest(sheet)) STORED
);
CREATE TABLE workflow.conflict (                              -- why a member takes no part, in their own words
    score_sheet_key bigint PRIMARY KEY REFERENCES ocop.score_sheet ON DELETE CASCADE,
    reason      text NOT NULL,
    declared_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE workflow.result (                                -- what programme/grading made of a round's signed sheets
    result_key  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dossier_key bigint NOT NULL REFERENCES ocop.dossier ON DELETE CASCADE,
    score_round integer NOT NULL,
    version_key bigint NOT NULL REFERENCES rubric.version,
    hashes      text[] NOT NULL,                              -- of the signed sheets, in order
    settings    jsonb NOT NULL,
    result      jsonb NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX result_dossier ON workflow.result (dossier_key, score_round);
CREATE TABLE workflow.series (                                -- numbers that are given out: none twice, none left out
    series text PRIMARY KEY,
    last   integer NOT NULL
);

CREATE FUNCTION workflow.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF TG_OP = 'DELETE' THEN                                  -- with the sample's dossiers only
        IF NOT EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = (to_jsonb(OLD)->>'dossier_key')::bigint) THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
CREATE TRIGGER step_hold BEFORE UPDATE OR DELETE ON workflow.step FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE TRIGGER bundle_hold BEFORE UPDATE OR DELETE ON workflow.bundle FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE TRIGGER result_hold BEFORE UPDATE OR DELETE ON workflow.result FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE FUNCTION workflow.refuse_signature_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM ocop.score_sheet s WHERE s.score_sheet_key = OLD.score_sheet_key) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'a signature is kept as it is' USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
CREATE TRIGGER signature_hold BEFORE UPDATE OR DELETE ON workflow.signature FOR EACH ROW EXECUTE FUNCTION workflow.refuse_signature_change();
SELECT audit.watch(t, k, '{}') FROM (VALUES ('workflow.step', 'step_key'), ('workflow.signature', 'score_sheet_key'), ('workflow.result', 'result_key'),
    ('workflow.appraisal', 'dossier_key'), ('workflow.seat', 'council_member_key'), ('workflow.round', 'round_key'), ('workflow.calendar_day', 'day')) w (t, k);

-- 0: none reached, where a card has no option of 0 points
ALTER TABLE ocop.score DROP CONSTRAINT score_score_option_no_check, ADD CONSTRAINT score_score_option_no_check CHECK (score_option_no >= 0);
-- the mean as docs/reference/grading.md shows it: six places
ALTER TABLE ocop.grading_result ALTER mean_total TYPE numeric(9,6);

-- --- days and numbers -----------------------------------------------------------------------------------------------------

CREATE FUNCTION workflow.is_working_day(day date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT coalesce((SELECT c.kind = 'working' FROM workflow.calendar_day c WHERE c.day = $1), extract(isodow FROM $1) < 6) $$;
-- The day on which the n-th working day after that day ends.
CREATE FUNCTION workflow.add_working_days(day date, days integer) RETURNS date
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    at date := day; left_over integer := days;
BEGIN
    WHILE left_over > 0 LOOP
        at := at + 1;
        IF workflow.is_working_day(at) THEN left_over := left_over - 1; END IF;
    END LOOP;
    RETURN at;
END
$$;
CREATE FUNCTION workflow.next_number(of_series text) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ INSERT INTO workflow.series AS s VALUES (of_series, 1) ON CONFLICT (series) DO UPDATE SET last = s.last + 1 RETURNING last $$;
REVOKE ALL ON FUNCTION workflow.next_number(text) FROM PUBLIC;
CREATE FUNCTION workflow.regime_on(day date) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT r.regime FROM workflow.regime r WHERE r.valid_from <= day AND (r.valid_to IS NULL OR r.valid_to > day) ORDER BY r.valid_from DESC LIMIT 1 $$;

-- --- who reaches which dossier --------------------------------------------------------------------------------------------

-- Dossiers that were given to a council on which the acting account has a seat that fits the acting role.
CREATE FUNCTION workflow.assigned() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    me auth.role_grant := auth.acting();
BEGIN
    RETURN coalesce((SELECT array_agg(w.dossier_key) FROM workflow.dossier w JOIN ocop.council_session s USING (council_session_key)
                     JOIN ocop.council_member m USING (council_key) JOIN workflow.seat t USING (council_member_key)
                     WHERE t.account_key = me.account_key AND m.retired_at IS NULL
                       AND CASE me.role WHEN 'R09' THEN m.council_member_role = 'advisory' WHEN 'R11' THEN m.council_member_role = 'secretary'
                                        WHEN 'R12' THEN m.council_member_role = 'chair'
                                        WHEN 'R10' THEN m.council_member_role IN ('chair', 'vice_chair', 'member') ELSE false END), '{}');
END
$$;
CREATE FUNCTION workflow.assigned_producers() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT coalesce(array_agg(DISTINCT d.producer_key), '{}') FROM ocop.dossier d WHERE d.dossier_key = ANY (workflow.assigned()) $$;
CREATE FUNCTION workflow.reaches(d ocop.dossier) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    me auth.role_grant := auth.acting();
BEGIN
    RETURN d.retired_at IS NULL AND CASE
        WHEN me.role = 'R02' THEN d.producer_key = me.producer_key
        WHEN d.dossier_state = 'draft' THEN false
        WHEN me.role IN ('R04', 'R05') THEN d.lineage_key = ANY (auth.lineages())
        WHEN me.role = 'R06' THEN d.lineage_key = ANY (auth.lineages()) AND d.submitted_at < auth.unit_end()
        WHEN me.role IN ('R08', 'R13', 'R14') THEN true
        WHEN me.role IN ('R09', 'R10', 'R11', 'R12') THEN d.dossier_key = ANY (workflow.assigned())
        ELSE false END;
END
$$;

-- --- a dossier's companion, and what may be written past the workflow -----------------------------------------------------

CREATE FUNCTION workflow.begin_dossier() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ BEGIN INSERT INTO workflow.dossier (dossier_key) VALUES (NEW.dossier_key) ON CONFLICT DO NOTHING; RETURN NULL; END $$;
CREATE TRIGGER workflow_begin AFTER INSERT ON ocop.dossier FOR EACH ROW EXECUTE FUNCTION workflow.begin_dossier();
INSERT INTO workflow.dossier (dossier_key, state_since) SELECT d.dossier_key, d.updated_at FROM ocop.dossier d;

-- A role's own statements begin drafts and mend what is in them; states, numbers and times are the workflow's. Dossiers decided on paper
-- before there was a workflow are entered by the province whole, and mended while no step was taken here.
CREATE FUNCTION workflow.guard_dossier() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    is_paper boolean := current_user = 'ocopmap_r08' AND NEW.legal_regime_code IS DISTINCT FROM workflow.regime_on(pub.business_date());
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- an import's row that is there already: what it would change is looked at below
        IF EXISTS (SELECT FROM ocop.dossier d WHERE d.external_id = NEW.external_id) THEN RETURN NEW; END IF;
        IF NOT is_paper AND (NEW.dossier_state <> 'draft' OR coalesce(NEW.dossier_no, NEW.receipt_no, NEW.supplement_request_no, NEW.return_reason, NEW.received_by) IS NOT NULL
                             OR coalesce(NEW.submitted_at, NEW.received_at, NEW.supplement_received_at, NEW.withdrawn_at) IS NOT NULL) THEN
            RAISE EXCEPTION 'a dossier begins as a draft: states, numbers and times come from the workflow (POST /api/dossiers/{id}/steps)'
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.dossier_state, NEW.dossier_no, NEW.legal_regime_code, NEW.submitted_at, NEW.received_at, NEW.received_by, NEW.supplement_request_no, NEW.supplement_due_date,
        NEW.supplement_received_at, NEW.return_reason, NEW.withdrawn_at, NEW.product_key)
       IS DISTINCT FROM (OLD.dossier_state, OLD.dossier_no, OLD.legal_regime_code, OLD.submitted_at, OLD.received_at, OLD.received_by, OLD.supplement_request_no,
        OLD.supplement_due_date, OLD.supplement_received_at, OLD.return_reason, OLD.withdrawn_at, OLD.product_key)
       AND NOT (is_paper AND NOT EXISTS (SELECT FROM workflow.step s WHERE s.dossier_key = OLD.dossier_key)) THEN
        RAISE EXCEPTION 'states, numbers and times of a dossier come from the workflow (POST /api/dossiers/{id}/steps)' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF current_user IN ('ocopmap_r02', 'ocopmap_r03') AND OLD.dossier_state <> 'draft' THEN
        RAISE EXCEPTION 'the dossier is filed: it is changed by a supplement only' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER workflow_guard BEFORE INSERT OR UPDATE ON ocop.dossier FOR EACH ROW WHEN (current_user LIKE 'ocopmap\_r%') EXECUTE FUNCTION workflow.guard_dossier();

-- What hangs on a dossier: its producer fills it in while it is a draft, and adds evidence while a supplement is asked for; the commune
-- writes its review between receiving and signing.
CREATE FUNCTION workflow.guard_part() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    state text := (SELECT d.dossier_state FROM ocop.dossier d WHERE d.dossier_key = NEW.dossier_key);
    is_new boolean := TG_OP = 'INSERT';
    is_there boolean;
BEGIN
    IF is_new AND NEW.external_id IS NOT NULL THEN                -- an import's row that is there already is looked at as a change
        EXECUTE format('SELECT EXISTS (SELECT FROM %s t WHERE t.external_id = $1)', TG_RELID::regclass) INTO is_there USING NEW.external_id;
        IF is_there THEN RETURN NEW; END IF;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.dossier_key <> NEW.dossier_key THEN state := NULL; END IF;
    END IF;
    IF TG_TABLE_NAME = 'commune_review' THEN
        IF state = 'received' THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'the review is written between receiving and signing; the dossier is %', coalesce(state, 'another one') USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF state = 'draft' OR (TG_TABLE_NAME = 'evidence' AND is_new AND state IN ('supplement_commune', 'supplement_province')) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'the dossier is filed (%): it is changed by a supplement that adds evidence only', coalesce(state, 'another one') USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
CREATE TRIGGER workflow_guard BEFORE INSERT OR UPDATE ON ocop.self_assessment FOR EACH ROW WHEN (current_user IN ('ocopmap_r02', 'ocopmap_r03')) EXECUTE FUNCTION workflow.guard_part();
CREATE TRIGGER workflow_guard BEFORE INSERT OR UPDATE ON ocop.evidence FOR EACH ROW WHEN (current_user IN ('ocopmap_r02', 'ocopmap_r03')) EXECUTE FUNCTION workflow.guard_part();
CREATE TRIGGER workflow_guard BEFORE INSERT OR UPDATE ON ocop.commune_review FOR EACH ROW WHEN (current_user = 'ocopmap_r04') EXECUTE FUNCTION workflow.guard_part();

-- --- completeness ---------------------------------------------------------------------------------------------------------

-- The rubric and set that a dossier is scored by: what was frozen, else what counts today. A sample's dossier goes by the training text.
CREATE FUNCTION workflow.card_of(dossier bigint, OUT version_key bigint, OUT set_no integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d record;
BEGIN
    SELECT w.version_key AS frozen, w.set_no AS frozen_set, r.rubric, p.class_code, p.is_demo INTO d
    FROM ocop.dossier o JOIN workflow.dossier w USING (dossier_key) JOIN ocop.product p USING (product_key)
    LEFT JOIN workflow.regime r ON r.regime = o.legal_regime_code WHERE o.dossier_key = dossier;
    version_key := coalesce(d.frozen, rubric.current(d.rubric, true), rubric.current(d.rubric, false));
    set_no := coalesce(d.frozen_set, (SELECT (s->>'set')::integer FROM rubric.version v, jsonb_array_elements(v.content->'sets') s
                                      WHERE v.version_key = card_of.version_key AND s->>'class' = d.class_code LIMIT 1));
END
$$;

-- What stands between a dossier and being filed (blocks), and what the producer should look at. `place` is where it is mended.
CREATE FUNCTION workflow.missing(dossier bigint) RETURNS TABLE (item text, blocks boolean, place text, vi text, en text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    d    ocop.dossier;
    self ocop.self_assessment;
    card record;
    left_over integer;
    evidence_kinds text[];
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier;
    SELECT * INTO self FROM ocop.self_assessment s WHERE s.dossier_key = dossier AND s.retired_at IS NULL;
    SELECT * INTO card FROM workflow.card_of(dossier);
    SELECT coalesce(array_agg(e.evidence_kind), '{}') INTO evidence_kinds FROM ocop.evidence e WHERE e.dossier_key = dossier AND e.retired_at IS NULL AND e.evidence_file IS NOT NULL;

    IF NOT EXISTS (SELECT FROM ocop.representative r WHERE r.producer_key = d.producer_key AND r.retired_at IS NULL) THEN
        RETURN QUERY VALUES ('representative', true, 'representative', 'Mẫu 01: chưa có người đại diện pháp luật', 'Mẫu 01: no legal representative');
    END IF;
    IF card.set_no IS NULL THEN
        RETURN QUERY VALUES ('product_class', true, 'product', 'Mẫu 01: sản phẩm chưa thuộc bộ tiêu chí nào (phân nhóm)', 'Mẫu 01: the product''s class has no score card');
    END IF;
    IF d.registration_kind <> 'first' AND d.previous_certificate_no IS NULL THEN
        RETURN QUERY VALUES ('previous_certificate_no', true, 'registration', 'Mẫu 01: chưa ghi giấy chứng nhận trước', 'Mẫu 01: the previous certificate is not named');
    END IF;
    IF card.set_no IS DISTINCT FROM 26 AND coalesce(d.sample_quantity, 0) < 5 THEN
        RETURN QUERY VALUES ('sample_quantity', true, 'registration', 'Mẫu 01: cần 5 sản phẩm mẫu', 'Mẫu 01: five samples are wanted');
    END IF;
    IF coalesce(btrim(self.business_result_note), '') = '' THEN
        RETURN QUERY VALUES ('business_result_note', true, 'report', 'Mẫu 02, phần II: chưa có kết quả sản xuất kinh doanh', 'Mẫu 02, part II: no business results');
    END IF;
    IF coalesce(btrim(self.business_plan_note), '') = '' THEN
        RETURN QUERY VALUES ('business_plan_note', true, 'report', 'Mẫu 02, phần IV: chưa có kế hoạch', 'Mẫu 02, part IV: no plan');
    END IF;
    SELECT count(*) INTO left_over FROM rubric.criterion c
    WHERE c.version_key = card.version_key AND c.set_no = card.set_no AND NOT c.is_heading
      AND NOT EXISTS (SELECT FROM workflow.self_answer a WHERE a.dossier_key = dossier AND a.criterion = c.criterion);
    IF left_over > 0 OR card.version_key IS NULL THEN
        RETURN QUERY VALUES ('self_scores', true, 'scores', format('Mẫu 02, phần III: còn %s tiêu chí chưa tự chấm', left_over), format('Mẫu 02, part III: %s criteria are not scored yet', left_over));
    END IF;
    IF NOT 'business_registration' = ANY (evidence_kinds) THEN
        RETURN QUERY VALUES ('business_registration', true, 'evidence', 'Thiếu minh chứng: giấy đăng ký kinh doanh', 'Evidence wanting: business registration');
    END IF;
    IF NOT 'facility_certificate' = ANY (evidence_kinds) AND EXISTS (
        SELECT FROM rubric.version v, jsonb_array_elements(v.content->'disqualifiers') q
        WHERE v.version_key = card.version_key AND (q->>'set')::integer = card.set_no AND q->>'kind' = 'dossier_rejected' AND q->>'criterion' = ''
          AND q->>'id' LIKE '%food-safety%') THEN
        RETURN QUERY VALUES ('facility_certificate', true, 'evidence', 'Thiếu minh chứng: giấy chứng nhận đủ điều kiện an toàn thực phẩm (thiếu thì hồ sơ bị loại)',
                             'Evidence wanting: food-safety certificate of the facility (without it the dossier is rejected)');
    END IF;
    RETURN QUERY SELECT 'expired_evidence', false, 'evidence', format('Giấy tờ hết hạn ngày %s: %s', to_char(e.evidence_valid_to, 'DD/MM/YYYY'), e.evidence_kind),
                        format('A paper ends on %s: %s', e.evidence_valid_to, e.evidence_kind)
                 FROM ocop.evidence e WHERE e.dossier_key = dossier AND e.retired_at IS NULL AND e.evidence_valid_to < pub.business_date() + 90;
    -- Points that are claimed for what a paper proves. Which paper proves which criterion: the list of Mẫu 02.
    RETURN QUERY SELECT 'claimed_' || a.criterion, false, 'evidence', format('Tiêu chí %s tự chấm %s điểm mà chưa có minh chứng', a.criterion, trim_scale(o.points)),
                        format('Criterion %s claims %s points without evidence', a.criterion, trim_scale(o.points))
                 FROM workflow.self_answer a
                 JOIN rubric.option o ON o.version_key = card.version_key AND o.set_no = card.set_no AND o.criterion = a.criterion AND o.option_no = a.option_no
                 JOIN (VALUES ('1.5', 'material_origin'), ('1.6', 'environment'), ('3.3', 'insured_workers'), ('3.4', 'financial_report'),
                              ('3.5', 'intellectual_property'), ('4.1', 'market'), ('4.3', 'promotion'), ('5.1', 'story')) k (criterion, kind) ON k.criterion = a.criterion
                 WHERE a.dossier_key = dossier AND o.points > 0 AND o.min_star > 0 AND NOT k.kind = ANY (evidence_kinds);
END
$$;

-- --- what stands against an action ----------------------------------------------------------------------------------------

CREATE FUNCTION workflow.result_of(dossier bigint) RETURNS workflow.result
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT r FROM workflow.result r JOIN workflow.dossier w USING (dossier_key, score_round) WHERE r.dossier_key = dossier ORDER BY r.result_key DESC LIMIT 1 $$;

-- One condition of data/workflow.csv: nothing when it holds, else why it does not.
CREATE FUNCTION workflow.check_guard(guard text, d ocop.dossier, given jsonb) RETURNS TABLE (field text, vi text, en text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    today  date := pub.business_date();
    regime workflow.regime;
    w      workflow.dossier;
    review ocop.commune_review;
    res    workflow.result;
    cert   ocop.certificate;
    n      integer;
    day    date;
BEGIN
    SELECT * INTO regime FROM workflow.regime r WHERE r.regime = d.legal_regime_code;
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = d.dossier_key;
    CASE guard
    WHEN 'complete' THEN
        RETURN QUERY SELECT m.item, m.vi, m.en FROM workflow.missing(d.dossier_key) m WHERE m.blocks;
    WHEN 'filing_window' THEN
        IF d.registration_kind = 'again' AND regime.renewal_earliest_days IS NOT NULL THEN
            SELECT * INTO cert FROM ocop.certificate c WHERE c.product_key = d.product_key AND c.retired_at IS NULL ORDER BY c.issued_on DESC LIMIT 1;
            IF cert.valid_to IS NULL THEN
                RETURN QUERY VALUES ('registration_kind', 'Sản phẩm chưa có giấy chứng nhận nào để đánh giá lại', 'there is no certificate to renew');
            ELSIF today < cert.valid_to - regime.renewal_earliest_days OR today > cert.valid_to - regime.renewal_latest_days THEN
                RETURN QUERY SELECT 'submitted_at', format('Hồ sơ đánh giá lại nộp từ %s đến %s (180 đến 120 ngày trước khi giấy hết hạn)',
                        to_char(cert.valid_to - regime.renewal_earliest_days, 'DD/MM/YYYY'), to_char(cert.valid_to - regime.renewal_latest_days, 'DD/MM/YYYY')),
                    format('a renewal is filed from %s to %s, %s to %s days before the certificate ends', cert.valid_to - regime.renewal_earliest_days,
                           cert.valid_to - regime.renewal_latest_days, regime.renewal_earliest_days, regime.renewal_latest_days);
            END IF;
        END IF;
    WHEN 'reviewed' THEN
        SELECT * INTO review FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL;
        RETURN QUERY SELECT o.f, 'Mẫu 03 chưa có ' || o.v, 'Mẫu 03 has no ' || o.e
                     FROM (VALUES ('commune_material_opinion', review.commune_material_opinion, 'đánh giá nguyên liệu địa phương', 'opinion on local material'),
                                  ('commune_labour_opinion', review.commune_labour_opinion, 'đánh giá lao động địa phương', 'opinion on local labour'),
                                  ('commune_idea_opinion', review.commune_idea_opinion, 'đánh giá nguồn gốc ý tưởng', 'opinion on the origin of the idea'),
                                  ('commune_identity_opinion', review.commune_identity_opinion, 'đánh giá bản sắc, trí tuệ địa phương', 'opinion on local identity')) o (f, t, v, e)
                     WHERE coalesce(btrim(o.t), '') = '';
    WHEN 'not_yet_proposed' THEN
        IF EXISTS (SELECT FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL AND r.commune_proposal_no IS NOT NULL) THEN
            RETURN QUERY VALUES ('commune_proposal_no', 'Xã đã đề nghị rồi', 'the commune has proposed already');
        END IF;
    WHEN 'proposed' THEN
        IF NOT EXISTS (SELECT FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL AND r.commune_proposal_no IS NOT NULL) THEN
            RETURN QUERY VALUES ('commune_proposal_no', 'Xã chưa có văn bản đề nghị', 'the commune has not proposed yet');
        END IF;
    WHEN 'items_answered' THEN
        SELECT count(*) INTO n FROM workflow.supplement_item i WHERE i.dossier_key = d.dossier_key AND i.answered_at IS NULL;
        IF n > 0 THEN
            RETURN QUERY SELECT 'items', format('Còn %s yêu cầu chưa trả lời', n), format('%s of what was asked for is not answered', n);
        END IF;
    WHEN 'supplement_overdue' THEN
        IF d.supplement_due_date IS NULL OR coalesce((given->>'day')::date, today) <= d.supplement_due_date THEN
            RETURN QUERY SELECT 'supplement_due_date', format('Hạn bổ sung là %s', d.supplement_due_date), format('the supplement is due on %s', d.supplement_due_date);
        END IF;
    WHEN 'regime_open' THEN
        day := CASE d.registration_kind WHEN 'again' THEN regime.again_until ELSE regime.first_until END;
        IF day < today THEN
            RETURN QUERY SELECT 'legal_regime_code', format('Hồ sơ theo quy định cũ phải xong trước hết ngày %s; nay làm hồ sơ mới', to_char(day, 'DD/MM/YYYY')),
                                format('a dossier under the old rules had to be finished by %s; a new one is to be filed', day);
        END IF;
    WHEN 'round_open' THEN
        SELECT * INTO review FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL;
        SELECT r.proposals_until INTO day FROM workflow.round r WHERE r.code = given->>'round';
        IF NOT FOUND THEN
            RETURN QUERY SELECT 'round', format('Không có đợt đánh giá %s', given->>'round'), format('there is no round %s', given->>'round');
        ELSIF coalesce(review.commune_proposal_date, today) > day THEN
            RETURN QUERY SELECT 'round', format('Xã đề nghị ngày %s, đợt %s nhận đến %s: chuyển sang đợt sau', to_char(review.commune_proposal_date, 'DD/MM/YYYY'), given->>'round', to_char(day, 'DD/MM/YYYY')),
                                format('the commune proposed on %s, round %s takes proposals until %s: choose the next one', review.commune_proposal_date, given->>'round', day);
        END IF;
    WHEN 'session_seated' THEN
        SELECT count(*) FILTER (WHERE m.council_member_role = 'chair') INTO n
        FROM ocop.council_session s JOIN ocop.council c USING (council_key) JOIN ocop.council_member m USING (council_key) JOIN workflow.seat t USING (council_member_key)
        WHERE s.council_session_key = (given->>'session')::bigint AND s.retired_at IS NULL AND m.retired_at IS NULL
          AND (c.council_end_date IS NULL OR c.council_end_date > today);
        IF n = 0 THEN
            RETURN QUERY VALUES ('session', 'Phiên họp không có, Hội đồng đã hết nhiệm kỳ, hoặc chưa có tài khoản cho Chủ tịch và ủy viên',
                                 'there is no such session, its council has ended, or its chair and members have no accounts yet');
        END IF;
    WHEN 'rubric_published' THEN
        IF (SELECT c.version_key IS NULL OR c.set_no IS NULL FROM workflow.card_of(d.dossier_key) c) THEN
            RETURN QUERY SELECT 'rubric', format('Chưa công bố bộ tiêu chí %s cho nhóm sản phẩm này', regime.rubric), format('no rubric %s is published for this class', regime.rubric);
        END IF;
    WHEN 'appraised' THEN
        IF NOT EXISTS (SELECT FROM workflow.appraisal a WHERE a.dossier_key = d.dossier_key AND (a.visited_on IS NOT NULL OR d.registration_kind = 'again')) THEN
            RETURN QUERY VALUES ('appraisal', 'Tổ tư vấn chưa ghi ý kiến thẩm định và ngày khảo sát thực tế', 'the advisory team has no opinion with the day of its visit yet');
        END IF;
    WHEN 'scored' THEN
        res := workflow.result_of(d.dossier_key);
        IF res.result_key IS NULL THEN
            SELECT count(*) INTO n FROM ocop.score_sheet s WHERE s.dossier_key = d.dossier_key AND s.score_round = w.score_round AND s.retired_at IS NULL
                AND s.score_signed_at IS NULL AND NOT s.conflict_of_interest;
            RETURN QUERY SELECT 'sheets', format('Lượt %s: còn %s phiếu chưa ký, chưa tổng hợp', w.score_round, n), format('round %s: %s sheets are not signed, there is no result', w.score_round, n);
        END IF;
    WHEN 'spread_within' THEN
        res := workflow.result_of(d.dossier_key);
        IF (res.result->>'spread')::numeric > (res.settings->>'spread_limit')::numeric THEN
            RETURN QUERY SELECT 'spread', format('Chênh lệch %s vượt %s điểm: thảo luận và chấm lại', trim_scale((res.result->>'spread')::numeric), trim_scale((res.settings->>'spread_limit')::numeric)),
                                format('the spread %s is above %s points: discuss and score again', trim_scale((res.result->>'spread')::numeric), trim_scale((res.settings->>'spread_limit')::numeric));
        END IF;
    WHEN 'quorum' THEN
        res := workflow.result_of(d.dossier_key);
        IF res.settings ? 'quorum_pct' AND cardinality(res.hashes) * 100 < (res.settings->>'quorum_pct')::numeric * (res.settings->>'council_members')::integer THEN
            RETURN QUERY SELECT 'quorum', format('%s trên %s thành viên đã chấm, cần %s %%', cardinality(res.hashes), res.settings->>'council_members', res.settings->>'quorum_pct'),
                                format('%s of %s members scored, %s %% are needed', cardinality(res.hashes), res.settings->>'council_members', res.settings->>'quorum_pct');
        END IF;
    WHEN 'certifiable' THEN
        res := workflow.result_of(d.dossier_key);
        IF NOT coalesce((res.result->>'certifiable')::boolean, false) THEN
            RETURN QUERY SELECT 'star', 'Kết quả không đủ điều kiện công nhận: ' || coalesce((SELECT string_agg(x->>'vi', '; ') FROM jsonb_array_elements(res.result->'reasons') x), 'chưa có'),
                                'the result cannot be certified: ' || coalesce((SELECT string_agg(x->>'en', '; ') FROM jsonb_array_elements(res.result->'reasons') x), 'there is none');
        END IF;
    WHEN 'not_certifiable' THEN
        res := workflow.result_of(d.dossier_key);
        IF coalesce((res.result->>'certifiable')::boolean, false) THEN
            RETURN QUERY SELECT 'star', format('Kết quả %s sao đủ điều kiện công nhận', res.result->>'star'), format('the result, %s stars, can be certified', res.result->>'star');
        END IF;
    WHEN 'province_decides' THEN
        res := workflow.result_of(d.dossier_key);
        IF (res.result->>'star')::integer = 5 THEN
            RETURN QUERY VALUES ('star', 'Tiềm năng 5 sao do Bộ quyết định: gửi trung ương', 'five stars are the ministry''s to decide: forward to the centre');
        END IF;
    WHEN 'five_stars' THEN
        res := workflow.result_of(d.dossier_key);
        IF (res.result->>'star')::integer IS DISTINCT FROM 5 THEN
            RETURN QUERY SELECT 'star', format('Kết quả là %s sao, không gửi trung ương', coalesce(res.result->>'star', '-')), format('the result is %s stars, not five', coalesce(res.result->>'star', 'none'));
        END IF;
    WHEN 'decision_text' THEN
        IF NOT (SELECT p.is_demo FROM ocop.product p WHERE p.product_key = d.product_key)
           AND NOT coalesce((SELECT v.is_official FROM rubric.version v WHERE v.version_key = w.version_key), false) THEN
            RETURN QUERY VALUES ('rubric', 'Hồ sơ chấm theo bản huấn luyện: quyết định thật cần văn bản chính thức', 'scored by the training text: a real decision needs the official one');
        END IF;
    WHEN 'no_other_certificate' THEN
        IF d.registration_kind = 'first' AND EXISTS (SELECT FROM ocop.certificate c WHERE c.product_key = d.product_key AND c.retired_at IS NULL AND c.in_force @> today) THEN
            RETURN QUERY VALUES ('registration_kind', 'Sản phẩm đang có giấy chứng nhận còn hiệu lực: đăng ký nâng hạng hoặc đánh giá lại', 'the product has a certificate in force: register an upgrade or a renewal');
        END IF;
    WHEN 'district_three_stars' THEN
        SELECT g.awarded_star INTO n FROM ocop.grading_result g WHERE g.dossier_key = d.dossier_key AND g.retired_at IS NULL ORDER BY g.grading_result_key DESC LIMIT 1;
        IF n IS DISTINCT FROM 3 THEN RETURN QUERY VALUES ('star', 'Huyện chỉ cấp giấy 3 sao', 'a district certifies three stars only'); END IF;
    WHEN 'district_below' THEN
        SELECT g.awarded_star INTO n FROM ocop.grading_result g WHERE g.dossier_key = d.dossier_key AND g.retired_at IS NULL ORDER BY g.grading_result_key DESC LIMIT 1;
        IF n >= 3 THEN RETURN QUERY VALUES ('star', 'Kết quả từ 3 sao trở lên', 'the result is three stars or more'); END IF;
    WHEN 'district_sends_up' THEN
        IF (SELECT g.mean_total < regime.district_sends_up_from FROM ocop.grading_result g WHERE g.dossier_key = d.dossier_key AND g.retired_at IS NULL ORDER BY g.grading_result_key DESC LIMIT 1) THEN
            RETURN QUERY SELECT 'mean_total', format('Huyện gửi tỉnh từ %s điểm', regime.district_sends_up_from), format('a district sends up from %s points', regime.district_sends_up_from);
        END IF;
    WHEN 'certificate_expiring', 'certificate_ended', 'extension_allowed' THEN
        SELECT c.* INTO cert FROM ocop.certificate c JOIN ocop.grading_result g USING (certificate_key) WHERE g.dossier_key = d.dossier_key LIMIT 1;
        day := coalesce((given->>'day')::date, today);
        IF cert.certificate_key IS NULL THEN
            RETURN QUERY VALUES ('certificate', 'Hồ sơ không có giấy chứng nhận', 'the dossier has no certificate');
        ELSIF guard = 'certificate_expiring' AND (cert.valid_to > day + 180 OR cert.valid_to <= day) THEN
            RETURN QUERY SELECT 'valid_to', format('Giấy có hiệu lực đến %s', cert.valid_to), format('the certificate is valid until %s', cert.valid_to);
        ELSIF guard = 'certificate_ended' AND cert.valid_to > day THEN
            RETURN QUERY SELECT 'valid_to', format('Giấy có hiệu lực đến %s', cert.valid_to), format('the certificate is valid until %s', cert.valid_to);
        ELSIF guard = 'extension_allowed' AND ((given->>'due')::date > coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180)
                                               OR (given->>'due')::date <= cert.valid_to) THEN
            RETURN QUERY SELECT 'due', format('Gia hạn tạm từ sau %s đến %s', cert.valid_to, coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180)),
                                format('an extension ends after %s and by %s', cert.valid_to, coalesce(cert.original_valid_to, cert.valid_to) + coalesce(regime.extension_days, 180));
        END IF;
    ELSE
        RAISE EXCEPTION 'data/workflow.csv names the condition %, which there is not', guard;
    END CASE;
END
$$;

-- Everything against an action: kind forbidden (role), conflict (state, condition) or invalid (what has to be given). Empty: go ahead.
CREATE FUNCTION workflow.refusals(d ocop.dossier, of_action text, given jsonb, as_role text) RETURNS TABLE (kind text, field text, vi text, en text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    t    workflow.transition;
    need text;
    g    text;
BEGIN
    SELECT * INTO t FROM workflow.transition x WHERE x.regime = d.legal_regime_code AND x.from_state = d.dossier_state AND x.action = of_action;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'conflict', 'action', format('Hồ sơ đang ở trạng thái "%s"; lúc này có thể: %s', d.dossier_state, coalesce(string_agg(x.title_vi, ', ' ORDER BY x.place), 'không gì')),
                            format('the dossier is %s; possible now: %s', d.dossier_state, coalesce(string_agg(x.action, ', ' ORDER BY x.place), 'nothing'))
                     FROM workflow.transition x WHERE x.regime = d.legal_regime_code AND x.from_state = d.dossier_state AND x.roles <> '{system}';
        RETURN;
    END IF;
    IF NOT coalesce(as_role = ANY (t.roles), false) THEN
        RETURN QUERY SELECT 'forbidden', 'role', format('Việc này của vai trò %s, không phải %s', array_to_string(t.roles, ', '), coalesce(as_role, '-')),
                            format('that is for %s, not for %s', array_to_string(t.roles, ', '), coalesce(as_role, 'nobody'));
        RETURN;
    END IF;
    FOREACH g IN ARRAY t.guards LOOP
        IF g IN ('round_open', 'session_seated', 'extension_allowed') AND given IS NULL THEN CONTINUE; END IF;  -- they look at what is given
        RETURN QUERY SELECT 'conflict', c.field, c.vi, c.en FROM workflow.check_guard(g, d, coalesce(given, '{}')) c;
    END LOOP;
    IF given IS NULL THEN RETURN; END IF;  -- asked only what could be done
    FOREACH need IN ARRAY t.needs LOOP
        IF need = 'document' THEN
            IF coalesce(btrim(given->>'document_no'), '') = '' THEN RETURN QUERY VALUES ('invalid', 'document_no', 'Cần số văn bản', 'the document''s number is wanted'); END IF;
            IF given->>'document_date' IS NULL OR (given->>'document_date')::date > pub.business_date() THEN
                RETURN QUERY VALUES ('invalid', 'document_date', 'Cần ngày văn bản, không sau hôm nay', 'the document''s date is wanted, not after today');
            END IF;
        ELSIF need = 'reason' AND length(btrim(coalesce(given->>'reason', ''))) < 5 THEN
            RETURN QUERY VALUES ('invalid', 'reason', 'Cần lý do, ít nhất 5 ký tự', 'a reason is wanted, of 5 characters or more');
        ELSIF need = 'due' AND (given->>'due' IS NULL OR (given->>'due')::date <= pub.business_date()) THEN
            RETURN QUERY VALUES ('invalid', 'due', 'Cần ngày đến hạn, sau hôm nay', 'a due date is wanted, after today');
        ELSIF need = 'items' AND (jsonb_typeof(given->'items') IS DISTINCT FROM 'array' OR jsonb_array_length(given->'items') = 0
                                  OR EXISTS (SELECT FROM jsonb_array_elements(given->'items') i WHERE length(btrim(coalesce(i->>'asked', ''))) < 3)) THEN
            RETURN QUERY VALUES ('invalid', 'items', 'Cần ít nhất một nội dung bổ sung, mỗi nội dung nói rõ cần gì', 'at least one item is wanted, each saying what is asked for');
        ELSIF need = 'mean' AND (given->>'mean' IS NULL OR (given->>'mean')::numeric NOT BETWEEN 0 AND 100) THEN
            RETURN QUERY VALUES ('invalid', 'mean', 'Cần tổng điểm trung bình, 0 đến 100', 'the mean total is wanted, 0 to 100');
        ELSIF need = 'star' AND coalesce((given->>'star')::integer, 0) NOT BETWEEN 3 AND 5 THEN
            RETURN QUERY VALUES ('invalid', 'star', 'Cần hạng sao, 3 đến 5', 'the star is wanted, 3 to 5');
        ELSIF need = 'round' AND coalesce(given->>'round', '') = '' THEN
            RETURN QUERY VALUES ('invalid', 'round', 'Cần đợt đánh giá', 'the round is wanted');
        ELSIF need = 'session' AND given->>'session' IS NULL THEN
            RETURN QUERY VALUES ('invalid', 'session', 'Cần phiên họp Hội đồng', 'the council''s session is wanted');
        ELSIF need = 'reason_code' AND coalesce(given->>'reason_code', '') NOT IN ('untrue_documents', 'criteria_not_met', 'law_broken', 'mark_misused', 'production_stopped', 'other') THEN
            RETURN QUERY VALUES ('invalid', 'reason_code', 'Cần một trong sáu lý do thu hồi (Điều 8 khoản 1)', 'one of the six reasons of article 8.1 is wanted: untrue_documents, criteria_not_met, law_broken, mark_misused, production_stopped, other');
        END IF;
    END LOOP;
END
$$;

-- --- taking a step --------------------------------------------------------------------------------------------------------

-- Sheets of a round for everybody with a vote: who has acted on the dossier or stands for its producer is kept out of it.
CREATE FUNCTION workflow.open_sheets(d ocop.dossier, w workflow.dossier) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    INSERT INTO ocop.score_sheet (dossier_key, council_session_key, council_member_key, conflict_of_interest, score_rubric_version, score_round)
    SELECT d.dossier_key, w.council_session_key, m.council_member_key,
           EXISTS (SELECT FROM workflow.step s WHERE s.dossier_key = d.dossier_key AND s.account_key = t.account_key AND s.role IN ('R04', 'R05', 'R08', 'R09'))
           OR EXISTS (SELECT FROM auth.role_grant g WHERE g.account_key = t.account_key AND g.producer_key = d.producer_key AND (g.valid_to IS NULL OR g.valid_to > pub.business_date()))
           OR EXISTS (SELECT FROM ocop.score_sheet b WHERE b.dossier_key = d.dossier_key AND b.council_member_key = m.council_member_key AND b.conflict_of_interest),
           (SELECT v.rubric FROM rubric.version v WHERE v.version_key = w.version_key), w.score_round
    FROM ocop.council_session s JOIN ocop.council_member m USING (council_key) JOIN workflow.seat t USING (council_member_key)
    WHERE s.council_session_key = w.council_session_key AND m.retired_at IS NULL AND m.council_member_role IN ('chair', 'vice_chair', 'member')
    ON CONFLICT DO NOTHING;
    -- scoring again begins from what one had
    INSERT INTO ocop.score (score_sheet_key, score_criterion_code, score_option_no, score_points, score_comment)
    SELECT n.score_sheet_key, c.score_criterion_code, c.score_option_no, c.score_points, c.score_comment
    FROM ocop.score_sheet n JOIN ocop.score_sheet b ON b.dossier_key = n.dossier_key AND b.council_member_key = n.council_member_key AND b.score_round = n.score_round - 1
    JOIN ocop.score c ON c.score_sheet_key = b.score_sheet_key AND c.retired_at IS NULL
    WHERE n.dossier_key = d.dossier_key AND n.score_round = w.score_round AND NOT n.conflict_of_interest
$$;
REVOKE ALL ON FUNCTION workflow.open_sheets(ocop.dossier, workflow.dossier) FROM PUBLIC;

CREATE FUNCTION workflow.files_of(dossier bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT coalesce(jsonb_agg(jsonb_build_object('evidence_kind', e.evidence_kind, 'criterion', e.evidence_criterion_code, 'sha256', f.sha256, 'bytes', f.bytes, 'media_type', f.media_type,
                                                 'name', (SELECT h.name FROM files.holding h WHERE h.sha256 = f.sha256 ORDER BY h.holding_key LIMIT 1)) ORDER BY e.evidence_key), '[]')
    FROM ocop.evidence e JOIN files.file f ON f.sha256 = e.evidence_file WHERE e.dossier_key = dossier AND e.retired_at IS NULL
$$;
REVOKE ALL ON FUNCTION workflow.files_of(bigint) FROM PUBLIC;

-- What a step changes beside the state. Returns the last day of what is to be done next, where there is one.
CREATE FUNCTION workflow.take_effect(INOUT d ocop.dossier, of_action text, given jsonb, step bigint, OUT due date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    me     auth.role_grant := auth.acting();
    today  date := pub.business_date();
    regime workflow.regime;
    w      workflow.dossier;
    res    workflow.result;
    cert   bigint;
    result ocop.grading_result;
    unit   record;
    card   record;
BEGIN
    SELECT * INTO regime FROM workflow.regime r WHERE r.regime = d.legal_regime_code;
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = d.dossier_key;
    SELECT * INTO result FROM ocop.grading_result g WHERE g.dossier_key = d.dossier_key AND g.retired_at IS NULL ORDER BY g.grading_result_key DESC LIMIT 1;
    res := workflow.result_of(d.dossier_key);
    CASE of_action
    WHEN 'submit' THEN
        d.submitted_at := now();
        SELECT * INTO card FROM workflow.card_of(d.dossier_key);
        UPDATE workflow.dossier o SET version_key = card.version_key, set_no = card.set_no WHERE o.dossier_key = d.dossier_key;
    WHEN 'withdraw' THEN d.withdrawn_at := now();
    WHEN 'accept' THEN
        SELECT u.code, p.code AS province INTO unit FROM geo.admin_unit u LEFT JOIN geo.admin_unit p ON p.unit_key = u.parent_key AND p.level = 'province' WHERE u.unit_key = me.unit_key;
        d.received_at := now();
        d.received_by := (SELECT a.display_name FROM auth.account a WHERE a.account_key = me.account_key);
        d.dossier_no := format('%s/PĐK-%s-%s-%s', workflow.next_number(format('dossier/%s/%s', unit.code, extract(year FROM today))), coalesce(unit.province, '00'), unit.code, extract(year FROM today));
        d.receipt_no := format('BN-%s', d.dossier_no);
        IF regime.commune_working_days IS NOT NULL THEN due := workflow.add_working_days(today, regime.commune_working_days); END IF;
        INSERT INTO ocop.commune_review (dossier_key, commune_due_date) VALUES (d.dossier_key, due) ON CONFLICT DO NOTHING;
    WHEN 'ask_supplement' THEN
        due := (given->>'due')::date;
        d.supplement_request_no := format('%s/YCBS-%s', workflow.next_number(format('supplement/%s/%s', coalesce(me.unit_key, 0), extract(year FROM today))), extract(year FROM today));
        d.supplement_due_date := due;
        d.supplement_received_at := NULL;
        INSERT INTO workflow.supplement_item (dossier_key, step_key, about, asked)
        SELECT d.dossier_key, step, i->>'about', btrim(i->>'asked') FROM jsonb_array_elements(given->'items') i;
    WHEN 'answer_supplement' THEN
        d.supplement_received_at := now();
        due := (SELECT r.commune_due_date FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL AND d.dossier_state = 'supplement_commune');
    WHEN 'refuse', 'not_propose', 'return' THEN d.return_reason := given->>'reason';
    WHEN 'return_overdue' THEN d.return_reason := 'Quá hạn bổ sung ' || to_char(d.supplement_due_date, 'DD/MM/YYYY');
    WHEN 'review' THEN
        UPDATE ocop.commune_review r SET commune_report_no = given->>'document_no' WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL;
        due := (SELECT r.commune_due_date FROM ocop.commune_review r WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL);
    WHEN 'propose' THEN
        UPDATE ocop.commune_review r SET commune_proposal_no = given->>'document_no', commune_proposal_date = (given->>'document_date')::date
        WHERE r.dossier_key = d.dossier_key AND r.retired_at IS NULL;
        INSERT INTO workflow.bundle (step_key, dossier_key, files) VALUES (step, d.dossier_key, workflow.files_of(d.dossier_key));
    WHEN 'assign' THEN
        d.evaluation_batch := given->>'round';
        UPDATE workflow.dossier o SET round_key = r.round_key, council_session_key = (given->>'session')::bigint
        FROM workflow.round r WHERE o.dossier_key = d.dossier_key AND r.code = given->>'round';
        due := (SELECT r.decide_until FROM workflow.round r WHERE r.code = given->>'round');
    WHEN 'report' THEN
        SELECT * INTO card FROM workflow.card_of(d.dossier_key);
        UPDATE workflow.dossier o SET version_key = card.version_key, set_no = card.set_no WHERE o.dossier_key = d.dossier_key RETURNING * INTO w;
        PERFORM workflow.open_sheets(d, w);
        INSERT INTO ocop.grading_result (dossier_key, council_session_key, advisory_report_no, field_visit_date)
        SELECT d.dossier_key, w.council_session_key, given->>'document_no', a.visited_on FROM workflow.appraisal a WHERE a.dossier_key = d.dossier_key;
        due := (SELECT r.decide_until FROM workflow.round r WHERE r.round_key = w.round_key);
    WHEN 'rescore' THEN
        UPDATE workflow.dossier o SET score_round = o.score_round + 1 WHERE o.dossier_key = d.dossier_key RETURNING * INTO w;
        PERFORM workflow.open_sheets(d, w);
        due := w.due_on;
    WHEN 'sign_minutes' THEN
        UPDATE ocop.grading_result g SET minutes_no = given->>'document_no', mean_total = (res.result->>'mean_total')::numeric, score_spread = (res.result->>'spread')::numeric,
               awarded_star = (res.result->>'star')::integer,
               unmet_star_minimum = (SELECT nullif(string_agg(DISTINCT format('%s (%s★)', u->>'criterion', u->>'star'), ', '), '') FROM jsonb_array_elements(res.result->'unmet_minima') u)
        WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'receive_district', 'receive', 'transfer' THEN NULL;
    WHEN 'decide_district' THEN
        INSERT INTO ocop.grading_result (dossier_key, mean_total, awarded_star, decision_no, decision_date, decision_authority)
        SELECT d.dossier_key, mean, star, CASE WHEN regime.district_certifies AND star = 3 THEN given->>'document_no' END,
               CASE WHEN regime.district_certifies AND star = 3 THEN (given->>'document_date')::date END, CASE WHEN regime.district_certifies AND star = 3 THEN 'district' END
        FROM (SELECT (given->>'mean')::numeric AS mean,
                     CASE WHEN (given->>'mean')::numeric >= 90 THEN 5 WHEN (given->>'mean')::numeric >= 70 THEN 4 WHEN (given->>'mean')::numeric >= 50 THEN 3
                          WHEN (given->>'mean')::numeric >= 30 THEN 2 ELSE 1 END AS star) x;
    WHEN 'not_recognise' THEN NULL;
    WHEN 'decide' THEN
        UPDATE ocop.grading_result g SET decision_no = given->>'document_no', decision_date = (given->>'document_date')::date, decision_authority = 'province'
        WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'forward_central' THEN
        UPDATE ocop.grading_result g SET central_forward_date = (given->>'document_date')::date WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'record_central' THEN
        UPDATE ocop.grading_result g SET awarded_star = (given->>'star')::integer, decision_no = given->>'document_no', decision_date = (given->>'document_date')::date,
               decision_authority = CASE WHEN (given->>'star')::integer = 5 THEN 'ministry' ELSE 'province' END WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'certify', 'certify_district' THEN
        -- what is in force until now ends where the new one begins
        UPDATE ocop.certificate c SET valid_to = greatest(result.decision_date, c.issued_on + 1) WHERE c.product_key = d.product_key AND c.retired_at IS NULL AND c.in_force @> result.decision_date;
        INSERT INTO ocop.certificate (product_key, star, decision_no, decided_by, issued_on, valid_to, certificate_serial)
        VALUES (d.product_key, result.awarded_star, result.decision_no,
                CASE result.decision_authority WHEN 'ministry' THEN 'Bộ Nông nghiệp và Môi trường' WHEN 'district' THEN 'UBND huyện'
                    ELSE (SELECT 'UBND ' || lower(left(p.name, 1)) || substr(p.name, 2) FROM geo.admin_unit p WHERE p.unit_key = me.unit_key) END,
                result.decision_date, (result.decision_date + make_interval(months => regime.certificate_months))::date,
                format('OCOP-%s-%s-%s', (SELECT p.code FROM geo.admin_unit p WHERE p.unit_key = me.unit_key), extract(year FROM result.decision_date),
                       lpad(workflow.next_number(format('certificate/%s/%s', me.unit_key, extract(year FROM result.decision_date)))::text, 5, '0')))
        RETURNING certificate_key INTO cert;
        UPDATE ocop.grading_result g SET certificate_key = cert WHERE g.grading_result_key = result.grading_result_key;
    WHEN 'begin_expiring', 'expire' THEN NULL;
    WHEN 'extend' THEN
        UPDATE ocop.certificate c SET original_valid_to = coalesce(c.original_valid_to, c.valid_to), valid_to = (given->>'due')::date WHERE c.certificate_key = result.certificate_key;
        due := (given->>'due')::date;
    WHEN 'revoke' THEN
        UPDATE ocop.certificate c SET revoked_on = greatest((given->>'document_date')::date, c.issued_on), revocation_reason_code = given->>'reason_code', revocation_reason = given->>'reason',
               revocation_decision_no = given->>'document_no' WHERE c.certificate_key = result.certificate_key;
    ELSE
        RAISE EXCEPTION 'data/workflow.csv names the action %, which there is not', of_action;
    END CASE;
END
$$;
REVOKE ALL ON FUNCTION workflow.take_effect(ocop.dossier, text, jsonb, bigint) FROM PUBLIC;

-- Takes a step, whole or not at all; its number. What stands against it is raised as JSON, for whoever did not ask refusals() before.
CREATE FUNCTION workflow.take_step(dossier bigint, of_action text, given jsonb, as_role text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d    ocop.dossier;
    t    workflow.transition;
    against jsonb;
    step bigint;
    effect record;
    due  date;
    me   auth.role_grant := auth.acting();
BEGIN
    SELECT * INTO STRICT d FROM ocop.dossier o WHERE o.dossier_key = dossier FOR UPDATE;
    SELECT jsonb_agg(r) INTO against FROM workflow.refusals(d, of_action, given, as_role) r;
    IF against IS NOT NULL THEN RAISE EXCEPTION '%', against USING ERRCODE = 'OW001'; END IF;
    SELECT * INTO STRICT t FROM workflow.transition x WHERE x.regime = d.legal_regime_code AND x.from_state = d.dossier_state AND x.action = of_action;
    INSERT INTO workflow.step (dossier_key, action, from_state, to_state, account_key, role, unit_key, reason, document_no, document_date, details)
    VALUES (dossier, of_action, t.from_state, t.to_state, CASE WHEN as_role <> 'system' THEN me.account_key END, as_role, CASE WHEN as_role <> 'system' THEN me.unit_key END,
            nullif(btrim(given->>'reason'), ''), nullif(btrim(given->>'document_no'), ''), (given->>'document_date')::date,
            given - '{reason,document_no,document_date}'::text[]) RETURNING step_key INTO step;
    SELECT * INTO effect FROM workflow.take_effect(d, of_action, given, step);
    d := effect.d;
    due := effect.due;
    UPDATE ocop.dossier o SET dossier_state = t.to_state, submitted_at = d.submitted_at, received_at = d.received_at, received_by = d.received_by, dossier_no = d.dossier_no,
           receipt_no = d.receipt_no, supplement_request_no = d.supplement_request_no, supplement_due_date = d.supplement_due_date, supplement_received_at = d.supplement_received_at,
           return_reason = d.return_reason, withdrawn_at = d.withdrawn_at, evaluation_batch = d.evaluation_batch WHERE o.dossier_key = dossier;
    UPDATE workflow.dossier o SET state_since = clock_timestamp(), due_on = due WHERE o.dossier_key = dossier;
    RETURN step;
END
$$;
REVOKE ALL ON FUNCTION workflow.take_step(bigint, text, jsonb, text) FROM PUBLIC;

-- The same for whoever acts, of a dossier that they reach.
CREATE FUNCTION workflow.move(dossier bigint, of_action text, given jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d ocop.dossier;
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier;
    IF NOT FOUND OR NOT workflow.reaches(d) THEN RAISE EXCEPTION 'there is no dossier % that you may see', dossier USING ERRCODE = 'no_data_found'; END IF;
    RETURN workflow.take_step(dossier, of_action, given, (auth.acting()).role);
END
$$;
-- What the clock does on a day: how many steps.
CREATE FUNCTION workflow.tick(day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    n integer := 0;
    c record;
BEGIN
    FOR c IN SELECT d.dossier_key, t.action FROM ocop.dossier d
             JOIN workflow.transition t ON t.regime = d.legal_regime_code AND t.from_state = d.dossier_state AND t.roles = '{system}'
             LEFT JOIN ocop.grading_result g ON g.dossier_key = d.dossier_key AND g.retired_at IS NULL
             LEFT JOIN ocop.certificate k ON k.certificate_key = g.certificate_key
             WHERE d.retired_at IS NULL AND CASE t.action WHEN 'return_overdue' THEN d.supplement_due_date < day
                                                          WHEN 'begin_expiring' THEN k.valid_to <= day + 180 AND k.valid_to > day
                                                          WHEN 'expire' THEN k.valid_to <= day END
             ORDER BY 1 LOOP
        IF NOT EXISTS (SELECT FROM ocop.dossier d, workflow.refusals(d, c.action, jsonb_build_object('day', day), 'system') WHERE d.dossier_key = c.dossier_key) THEN
            PERFORM workflow.take_step(c.dossier_key, c.action, jsonb_build_object('day', day), 'system');
            n := n + 1;
        END IF;
    END LOOP;
    RETURN n;
END
$$;
REVOKE ALL ON FUNCTION workflow.tick(date) FROM PUBLIC;
GRANT USAGE ON SCHEMA workflow TO ocopmap_notifier;
GRANT EXECUTE ON FUNCTION workflow.tick(date) TO ocopmap_notifier;
-- What the acting person could do with a dossier, and what stands against it.
CREATE FUNCTION workflow.actions(dossier bigint) RETURNS TABLE (action text, to_state text, needs text[], title_vi text, title_en text, against jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d  ocop.dossier;
    me auth.role_grant := auth.acting();
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier;
    IF NOT FOUND OR NOT workflow.reaches(d) THEN RETURN; END IF;
    RETURN QUERY SELECT t.action, t.to_state, t.needs, t.title_vi, t.title_en,
                        coalesce((SELECT jsonb_agg(r) FROM workflow.refusals(d, t.action, NULL, me.role) r), '[]')
                 FROM workflow.transition t WHERE t.regime = d.legal_regime_code AND t.from_state = d.dossier_state AND me.role = ANY (t.roles) ORDER BY t.place;
END
$$;

-- --- what a producer fills in ---------------------------------------------------------------------------------------------

CREATE FUNCTION workflow.draft_of(dossier bigint, states text[]) RETURNS ocop.dossier
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d ocop.dossier;
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier FOR UPDATE;
    IF NOT FOUND OR NOT workflow.reaches(d) THEN RAISE EXCEPTION 'there is no dossier % that you may see', dossier USING ERRCODE = 'no_data_found'; END IF;
    IF NOT d.dossier_state = ANY (states) THEN
        RAISE EXCEPTION 'the dossier is %: that is written while it is %', d.dossier_state, array_to_string(states, ' or ') USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN d;
END
$$;
-- Own scores: {"criterion": option or null}. Refused with the criterion named.
CREATE FUNCTION workflow.check_options(of_version bigint, of_set integer, answers jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    a record;
BEGIN
    FOR a IN SELECT k.key, k.value, c.is_heading, o.points FROM jsonb_each(answers) k
             LEFT JOIN rubric.criterion c ON c.version_key = of_version AND c.set_no = of_set AND c.criterion = k.key
             LEFT JOIN rubric.option o ON o.version_key = of_version AND o.set_no = of_set AND o.criterion = k.key
                AND jsonb_typeof(k.value) = 'number' AND o.option_no::text = k.value::text LOOP
        IF a.is_heading IS NULL OR a.is_heading THEN
            RAISE EXCEPTION 'answers has criterion %, must be one of set %', a.key, of_set USING ERRCODE = 'invalid_parameter_value';
        ELSIF a.value <> 'null' AND a.points IS NULL AND NOT (a.value = '0' AND NOT EXISTS (
                SELECT FROM rubric.option o WHERE o.version_key = of_version AND o.set_no = of_set AND o.criterion = a.key AND o.points = 0)) THEN
            RAISE EXCEPTION 'criterion % is answered %, must be one of %', a.key, a.value, (SELECT string_agg(o.option_no::text, ', ' ORDER BY o.option_no) FROM rubric.option o
                WHERE o.version_key = of_version AND o.set_no = of_set AND o.criterion = a.key) USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END LOOP;
END
$$;
-- A note stands beside an answer; one without would be dropped unsaid.
CREATE FUNCTION workflow.check_notes(notes jsonb, answered text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    bare text := (SELECT string_agg(k.key, ', ') FROM jsonb_each_text(notes) k WHERE btrim(k.value) <> '' AND NOT k.key = ANY (answered));
BEGIN
    IF bare IS NOT NULL THEN RAISE EXCEPTION 'a note on criterion % has no answer to stand beside: answer it first', bare USING ERRCODE = 'invalid_parameter_value'; END IF;
END
$$;
CREATE FUNCTION workflow.answer_self(dossier bigint, answers jsonb, notes jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d    ocop.dossier := workflow.draft_of(dossier, '{draft}');
    card record;
BEGIN
    SELECT * INTO card FROM workflow.card_of(dossier);
    PERFORM workflow.check_options(card.version_key, card.set_no, answers);
    DELETE FROM workflow.self_answer a USING jsonb_each(answers) k WHERE a.dossier_key = dossier AND a.criterion = k.key AND k.value = 'null';
    INSERT INTO workflow.self_answer (dossier_key, criterion, option_no)
    SELECT dossier, k.key, k.value::text::integer FROM jsonb_each(answers) k WHERE k.value <> 'null'
    ON CONFLICT (dossier_key, criterion) DO UPDATE SET option_no = excluded.option_no, answered_at = now();
    PERFORM workflow.check_notes(notes, ARRAY(SELECT a.criterion FROM workflow.self_answer a WHERE a.dossier_key = dossier));
    UPDATE workflow.self_answer a SET note = nullif(btrim(k.value), '') FROM jsonb_each_text(notes) k WHERE a.dossier_key = dossier AND a.criterion = k.key;
    INSERT INTO ocop.self_assessment AS s (dossier_key, self_score_a, self_score_b, self_score_c)
    SELECT dossier, sum(o.points) FILTER (WHERE c.part = 'A'), sum(o.points) FILTER (WHERE c.part = 'B'), sum(o.points) FILTER (WHERE c.part = 'C')
    FROM workflow.self_answer a
    JOIN rubric.criterion c ON c.version_key = card.version_key AND c.set_no = card.set_no AND c.criterion = a.criterion
    LEFT JOIN rubric.option o ON o.version_key = card.version_key AND o.set_no = card.set_no AND o.criterion = a.criterion AND o.option_no = a.option_no
    WHERE a.dossier_key = dossier
    ON CONFLICT (dossier_key) WHERE retired_at IS NULL DO UPDATE SET self_score_a = excluded.self_score_a, self_score_b = excluded.self_score_b, self_score_c = excluded.self_score_c;
END
$$;
CREATE FUNCTION workflow.answer_item(item bigint, with_answer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    dossier bigint := (SELECT i.dossier_key FROM workflow.supplement_item i WHERE i.item_key = item);
BEGIN
    PERFORM workflow.draft_of(dossier, '{supplement_commune,supplement_province}');
    IF (auth.acting()).role NOT IN ('R02', 'R04') THEN RAISE EXCEPTION 'a supplement is the producer''s or the commune''s' USING ERRCODE = 'insufficient_privilege'; END IF;
    IF length(btrim(with_answer)) < 2 THEN RAISE EXCEPTION 'answer is empty, must say what was done' USING ERRCODE = 'invalid_parameter_value'; END IF;
    UPDATE workflow.supplement_item i SET answer = btrim(with_answer), answered_at = now() WHERE i.item_key = item;
END
$$;

-- The form's own fields; NULL: as it is, an empty text: none.
CREATE FUNCTION workflow.fill(dossier bigint, samples integer, previous text, kind text, file_code text, result_note text, plan_note text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d ocop.dossier := workflow.draft_of(dossier, '{draft}');
BEGIN
    IF (auth.acting()).role <> 'R02' THEN RAISE EXCEPTION 'a draft is its producer''s' USING ERRCODE = 'insufficient_privilege'; END IF;
    UPDATE ocop.dossier o SET sample_quantity = coalesce(samples, o.sample_quantity), registration_kind = coalesce(kind, o.registration_kind),
           previous_certificate_no = CASE WHEN previous IS NULL THEN o.previous_certificate_no ELSE nullif(previous, '') END,
           external_file_code = CASE WHEN file_code IS NULL THEN o.external_file_code ELSE nullif(file_code, '') END
    WHERE o.dossier_key = dossier AND (samples, kind, previous, file_code) IS DISTINCT FROM (NULL::integer, NULL::text, NULL::text, NULL::text);
    IF result_note IS NOT NULL OR plan_note IS NOT NULL THEN
        INSERT INTO ocop.self_assessment AS s (dossier_key, business_result_note, business_plan_note) VALUES (dossier, nullif(result_note, ''), nullif(plan_note, ''))
        ON CONFLICT (dossier_key) WHERE retired_at IS NULL DO UPDATE
            SET business_result_note = CASE WHEN result_note IS NULL THEN s.business_result_note ELSE nullif(result_note, '') END,
                business_plan_note = CASE WHEN plan_note IS NULL THEN s.business_plan_note ELSE nullif(plan_note, '') END;
    END IF;
END
$$;
-- A renewal begins with all that the product's last dossier held. Own scores only where the card is the same; papers that ended stay behind
-- and are asked for again.
CREATE FUNCTION workflow.carry_over(dossier bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d    ocop.dossier := workflow.draft_of(dossier, '{draft}');
    old  bigint := (SELECT o.dossier_key FROM ocop.dossier o WHERE o.product_key = d.product_key AND o.dossier_key <> dossier AND o.retired_at IS NULL ORDER BY o.dossier_key DESC LIMIT 1);
    card record;
BEGIN
    IF old IS NULL THEN RETURN; END IF;
    SELECT * INTO card FROM workflow.card_of(dossier);
    UPDATE ocop.dossier n SET sample_quantity = o.sample_quantity FROM ocop.dossier o WHERE n.dossier_key = dossier AND o.dossier_key = old;
    INSERT INTO ocop.self_assessment (dossier_key, business_result_note, business_plan_note)
    SELECT dossier, s.business_result_note, s.business_plan_note FROM ocop.self_assessment s WHERE s.dossier_key = old AND s.retired_at IS NULL ON CONFLICT DO NOTHING;
    INSERT INTO ocop.evidence (dossier_key, evidence_kind, evidence_criterion_code, evidence_file, evidence_sha256, evidence_valid_to)
    SELECT dossier, e.evidence_kind, e.evidence_criterion_code, e.evidence_file, e.evidence_sha256, e.evidence_valid_to FROM ocop.evidence e
    WHERE e.dossier_key = old AND e.retired_at IS NULL AND (e.evidence_valid_to IS NULL OR e.evidence_valid_to > pub.business_date());
    IF EXISTS (SELECT FROM workflow.dossier w WHERE w.dossier_key = old AND w.set_no = card.set_no AND w.version_key = card.version_key) THEN
        INSERT INTO workflow.self_answer (dossier_key, criterion, option_no, note) SELECT dossier, a.criterion, a.option_no, a.note FROM workflow.self_answer a WHERE a.dossier_key = old;
        PERFORM workflow.answer_self(dossier, '{}', '{}');
    END IF;
END
$$;

-- --- score sheets ---------------------------------------------------------------------------------------------------------

-- The acting person's own sheet, while it can be filled in.
CREATE FUNCTION workflow.own_sheet(sheet bigint) RETURNS ocop.score_sheet
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    s  ocop.score_sheet;
    me auth.role_grant := auth.acting();
BEGIN
    SELECT h.* INTO s FROM ocop.score_sheet h JOIN workflow.seat t USING (council_member_key)
    WHERE h.score_sheet_key = sheet AND h.retired_at IS NULL AND t.account_key = me.account_key AND me.role IN ('R10', 'R12') FOR UPDATE OF h;
    IF NOT FOUND THEN RAISE EXCEPTION 'there is no sheet % of yours', sheet USING ERRCODE = 'no_data_found'; END IF;
    IF s.score_signed_at IS NOT NULL THEN RAISE EXCEPTION 'the sheet is signed: it stays as it is' USING ERRCODE = 'object_not_in_prerequisite_state'; END IF;
    IF s.conflict_of_interest THEN RAISE EXCEPTION 'you take no part in this dossier (conflict of interest)' USING ERRCODE = 'object_not_in_prerequisite_state'; END IF;
    IF NOT EXISTS (SELECT FROM ocop.dossier d JOIN workflow.dossier w USING (dossier_key)
                   WHERE d.dossier_key = s.dossier_key AND d.dossier_state IN ('council_scoring', 'council_rescoring') AND w.score_round = s.score_round) THEN
        RAISE EXCEPTION 'this round of scoring is over' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN s;
END
$$;
-- {"criterion": option or null}, {"criterion": comment}: only what changed is sent; points are looked up here.
CREATE FUNCTION workflow.answer_sheet(sheet bigint, answers jsonb, comments jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    s ocop.score_sheet := workflow.own_sheet(sheet);
    w workflow.dossier;
BEGIN
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = s.dossier_key;
    PERFORM workflow.check_options(w.version_key, w.set_no, answers);
    DELETE FROM ocop.score c USING jsonb_each(answers) k WHERE c.score_sheet_key = sheet AND c.score_criterion_code = k.key AND k.value = 'null';
    INSERT INTO ocop.score AS c (score_sheet_key, score_criterion_code, score_option_no, score_points)
    SELECT sheet, k.key, k.value::text::integer, coalesce(o.points, 0) FROM jsonb_each(answers) k
    LEFT JOIN rubric.option o ON o.version_key = w.version_key AND o.set_no = w.set_no AND o.criterion = k.key AND o.option_no::text = k.value::text
    WHERE k.value <> 'null'
    ON CONFLICT (score_sheet_key, score_criterion_code) WHERE retired_at IS NULL
        DO UPDATE SET score_option_no = excluded.score_option_no, score_points = excluded.score_points
        WHERE c.score_option_no IS DISTINCT FROM excluded.score_option_no;
    PERFORM workflow.check_notes(comments, ARRAY(SELECT c.score_criterion_code FROM ocop.score c WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL));
    UPDATE ocop.score c SET score_comment = nullif(btrim(k.value), '') FROM jsonb_each_text(comments) k
    WHERE c.score_sheet_key = sheet AND c.score_criterion_code = k.key AND c.score_comment IS DISTINCT FROM nullif(btrim(k.value), '');
    RETURN (SELECT count(*) FROM ocop.score c WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL);
END
$$;
-- What a signature is over: jsonb writes itself in one way only.
CREATE FUNCTION workflow.canonical_sheet(sheet bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT jsonb_build_object('sheet', s.score_sheet_key, 'dossier', s.dossier_key, 'round', s.score_round, 'member', s.council_member_key, 'rubric', v.rubric, 'rubric_digest', v.digest,
                              'set', w.set_no, 'options', (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_option_no), '{}') FROM ocop.score c WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL),
                              'comments', (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_comment), '{}') FROM ocop.score c
                                           WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL AND c.score_comment IS NOT NULL))
    FROM ocop.score_sheet s JOIN workflow.dossier w USING (dossier_key) JOIN rubric.version v USING (version_key) WHERE s.score_sheet_key = sheet
$$;
CREATE FUNCTION workflow.sign_sheet(sheet bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    s ocop.score_sheet := workflow.own_sheet(sheet);
    w workflow.dossier;
    wanting text;
    made text;
BEGIN
    -- whoever signs last sees all others' signatures: one after the other
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = s.dossier_key FOR UPDATE;
    SELECT string_agg(c.criterion, ', ' ORDER BY c.place) INTO wanting FROM rubric.criterion c
    WHERE c.version_key = w.version_key AND c.set_no = w.set_no AND NOT c.is_heading
      AND NOT EXISTS (SELECT FROM ocop.score x WHERE x.score_sheet_key = sheet AND x.score_criterion_code = c.criterion AND x.retired_at IS NULL);
    IF wanting IS NOT NULL THEN RAISE EXCEPTION 'criteria without an answer: %', wanting USING ERRCODE = 'invalid_parameter_value'; END IF;
    IF (SELECT count(DISTINCT o.case_no) > 1 FROM ocop.score x JOIN rubric.option o ON o.version_key = w.version_key AND o.set_no = w.set_no
            AND o.criterion = x.score_criterion_code AND o.option_no = x.score_option_no AND o.case_no > 0 WHERE x.score_sheet_key = sheet AND x.retired_at IS NULL) THEN
        RAISE EXCEPTION 'both cases are answered: all criteria of a dossier go by one case' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO workflow.signature (score_sheet_key, account_key, sheet) VALUES (sheet, (auth.acting()).account_key, workflow.canonical_sheet(sheet)) RETURNING hash INTO made;
    UPDATE ocop.score_sheet h SET score_signed_at = now() WHERE h.score_sheet_key = sheet;
    RETURN made;
END
$$;
CREATE FUNCTION workflow.declare_conflict(sheet bigint, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    s ocop.score_sheet := workflow.own_sheet(sheet);
BEGIN
    IF length(btrim(why)) < 5 THEN RAISE EXCEPTION 'reason is too short: say in 5 characters or more why you take no part' USING ERRCODE = 'invalid_parameter_value'; END IF;
    UPDATE ocop.score_sheet h SET conflict_of_interest = true WHERE h.score_sheet_key = sheet;
    INSERT INTO workflow.conflict (score_sheet_key, reason) VALUES (sheet, btrim(why));
    PERFORM audit.note('conflict', 'ocop.score_sheet', why, sheet::text);
END
$$;
-- The sheets of a dossier that the acting person may see: one's own always; others' answers once all of a round's sheets are signed (chair,
-- secretary), once one's own is (members), once the minutes are (province, decision maker). Before that it shows who has signed.
CREATE FUNCTION workflow.sheets(dossier bigint) RETURNS TABLE (score_sheet_key bigint, score_round integer, council_member_key bigint, member text, member_role text, is_mine boolean,
    conflict boolean, signed_at timestamptz, hash text, answered integer, is_open boolean, answers jsonb, comments jsonb, total numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    d  ocop.dossier;
    me auth.role_grant := auth.acting();
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier;
    IF NOT FOUND OR NOT workflow.reaches(d) OR me.role NOT IN ('R08', 'R10', 'R11', 'R12', 'R13') THEN RETURN; END IF;
    RETURN QUERY
    WITH sheet AS (
        SELECT s.*, m.council_member_name, m.council_member_role, coalesce(t.account_key = me.account_key, false) AND me.role IN ('R10', 'R12') AS mine,
               bool_and(s.score_signed_at IS NOT NULL OR s.conflict_of_interest) OVER (PARTITION BY s.score_round) AS all_signed,
               bool_or(coalesce(t.account_key = me.account_key, false) AND s.score_signed_at IS NOT NULL) OVER (PARTITION BY s.score_round) AS i_signed
        FROM ocop.score_sheet s JOIN ocop.council_member m USING (council_member_key) LEFT JOIN workflow.seat t USING (council_member_key)
        WHERE s.dossier_key = dossier AND s.retired_at IS NULL),
    shown AS (
        SELECT h.*, h.mine OR (h.score_signed_at IS NOT NULL AND CASE me.role WHEN 'R10' THEN h.i_signed WHEN 'R11' THEN h.all_signed WHEN 'R12' THEN h.all_signed OR h.i_signed
                    ELSE d.dossier_state NOT IN ('council_scoring', 'council_rescoring') END) AS open FROM sheet h)
    SELECT h.score_sheet_key, h.score_round, h.council_member_key, h.council_member_name, h.council_member_role, h.mine, h.conflict_of_interest, h.score_signed_at, g.hash,
           (SELECT count(*)::integer FROM ocop.score c WHERE c.score_sheet_key = h.score_sheet_key AND c.retired_at IS NULL), h.open,
           CASE WHEN h.open THEN (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_option_no), '{}') FROM ocop.score c WHERE c.score_sheet_key = h.score_sheet_key AND c.retired_at IS NULL) END,
           CASE WHEN h.open THEN (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_comment) FILTER (WHERE c.score_comment IS NOT NULL), '{}') FROM ocop.score c WHERE c.score_sheet_key = h.score_sheet_key AND c.retired_at IS NULL) END,
           CASE WHEN h.open THEN (SELECT sum(c.score_points) FROM ocop.score c WHERE c.score_sheet_key = h.score_sheet_key AND c.retired_at IS NULL) END
    FROM shown h LEFT JOIN workflow.signature g USING (score_sheet_key) ORDER BY h.score_round, h.council_member_key;
END
$$;
-- Sheets that wait for the acting person, and those that do not any more.
CREATE FUNCTION workflow.my_sheets() RETURNS TABLE (score_sheet_key bigint, dossier_key bigint, product text, producer text, score_round integer, conflict boolean, signed_at timestamptz,
    answered integer, criteria integer, due_on date, is_open boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    me auth.role_grant := auth.acting();
BEGIN
    IF me.role IS NULL OR me.role NOT IN ('R10', 'R12') THEN RETURN; END IF;
    RETURN QUERY
    SELECT s.score_sheet_key, s.dossier_key, p.name, m.name, s.score_round, s.conflict_of_interest, s.score_signed_at,
           (SELECT count(*)::integer FROM ocop.score c WHERE c.score_sheet_key = s.score_sheet_key AND c.retired_at IS NULL),
           (SELECT count(*)::integer FROM rubric.criterion c WHERE c.version_key = w.version_key AND c.set_no = w.set_no AND NOT c.is_heading), w.due_on,
           d.dossier_state IN ('council_scoring', 'council_rescoring') AND w.score_round = s.score_round AND s.score_signed_at IS NULL AND NOT s.conflict_of_interest
    FROM workflow.seat t JOIN ocop.score_sheet s USING (council_member_key) JOIN ocop.dossier d USING (dossier_key) JOIN workflow.dossier w USING (dossier_key)
    JOIN ocop.product p USING (product_key) JOIN ocop.producer m ON m.producer_key = p.producer_key
    WHERE t.account_key = me.account_key AND s.retired_at IS NULL ORDER BY 11 DESC, w.due_on, s.score_sheet_key;
END
$$;

-- One's own sheet with what it is about: it can be filled in without a network.
CREATE FUNCTION workflow.sheet_view(sheet bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_variable
DECLARE
    me auth.role_grant := auth.acting();
BEGIN
    IF me.role IS NULL OR me.role NOT IN ('R10', 'R12') THEN RETURN NULL; END IF;
    RETURN (SELECT jsonb_build_object('id', s.score_sheet_key, 'version_key', w.version_key, 'set_no', w.set_no, 'round', s.score_round, 'conflict', s.conflict_of_interest,
                'signed_at', s.score_signed_at, 'hash', g.hash, 'due_on', w.due_on, 'member', m.council_member_name,
                'is_open', d.dossier_state IN ('council_scoring', 'council_rescoring') AND w.score_round = s.score_round AND s.score_signed_at IS NULL AND NOT s.conflict_of_interest,
                'answers', (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_option_no), '{}') FROM ocop.score c WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL),
                'comments', (SELECT coalesce(jsonb_object_agg(c.score_criterion_code, c.score_comment) FILTER (WHERE c.score_comment IS NOT NULL), '{}') FROM ocop.score c
                             WHERE c.score_sheet_key = sheet AND c.retired_at IS NULL),
                'rescore_reason', (SELECT t.reason FROM workflow.step t WHERE t.dossier_key = d.dossier_key AND t.action = 'rescore' ORDER BY t.step_key DESC LIMIT 1),
                'dossier', jsonb_build_object('id', d.dossier_key, 'dossier_no', d.dossier_no, 'state', d.dossier_state, 'registration_kind', d.registration_kind),
                'product', jsonb_build_object('id', p.product_key, 'name', p.name, 'class_code', p.class_code, 'description', p.description),
                'producer', jsonb_build_object('id', o.producer_key, 'name', o.name, 'address', o.facility_address, 'lon', public.ST_X(o.facility_geom), 'lat', public.ST_Y(o.facility_geom)),
                'self', (SELECT coalesce(jsonb_object_agg(a.criterion, jsonb_strip_nulls(jsonb_build_object('option', a.option_no, 'note', a.note))), '{}') FROM workflow.self_answer a WHERE a.dossier_key = d.dossier_key),
                'evidence', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.evidence_key, 'kind', e.evidence_kind, 'criterion', e.evidence_criterion_code, 'sha256', e.evidence_file,
                                    'valid_to', e.evidence_valid_to, 'media_type', f.media_type) ORDER BY e.evidence_key), '[]')
                             FROM ocop.evidence e LEFT JOIN files.file f ON f.sha256 = e.evidence_file WHERE e.dossier_key = d.dossier_key AND e.retired_at IS NULL),
                'appraisal', (SELECT jsonb_build_object('opinion', a.opinion, 'visited_on', a.visited_on, 'distance_m', a.visit_distance_m) FROM workflow.appraisal a WHERE a.dossier_key = d.dossier_key),
                'zones', (SELECT coalesce(jsonb_agg(public.ST_AsGeoJSON(z.geom, 5)::jsonb), '[]') FROM (SELECT z.geom FROM geo.zone z WHERE z.producer_key = o.producer_key AND z.retired_at IS NULL LIMIT 50) z))
            FROM ocop.score_sheet s JOIN ocop.council_member m USING (council_member_key) JOIN workflow.seat t USING (council_member_key) JOIN ocop.dossier d USING (dossier_key)
            JOIN workflow.dossier w USING (dossier_key) JOIN ocop.product p USING (product_key) JOIN ocop.producer o ON o.producer_key = p.producer_key
            LEFT JOIN workflow.signature g USING (score_sheet_key)
            WHERE s.score_sheet_key = sheet AND s.retired_at IS NULL AND t.account_key = me.account_key);
END
$$;

-- What programme/grading works on: the signed sheets of the round and the council's settings. Empty while sheets are open, unless the
-- secretary closes the round without those who stayed away.
CREATE FUNCTION workflow.to_grade(dossier bigint, without_absent boolean, OUT version_key bigint, OUT set_no integer, OUT score_round integer, OUT members jsonb, OUT settings jsonb,
                                  OUT hashes text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d ocop.dossier;
    w workflow.dossier;
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier;
    IF NOT FOUND OR NOT workflow.reaches(d) OR d.dossier_state NOT IN ('council_scoring', 'council_rescoring') THEN RETURN; END IF;
    IF without_absent AND (auth.acting()).role IS DISTINCT FROM 'R11' THEN
        RAISE EXCEPTION 'a round is closed without those who stayed away by the secretary' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = dossier;
    IF NOT without_absent AND EXISTS (SELECT FROM ocop.score_sheet s WHERE s.dossier_key = dossier AND s.score_round = w.score_round AND s.retired_at IS NULL
                                      AND s.score_signed_at IS NULL AND NOT s.conflict_of_interest) THEN
        RETURN;
    END IF;
    version_key := w.version_key; set_no := w.set_no; score_round := w.score_round;
    SELECT jsonb_agg(jsonb_build_object('name', m.council_member_name || ' #' || m.council_member_key, 'options', g.sheet->'options') ORDER BY g.score_sheet_key),
           array_agg(g.hash ORDER BY g.score_sheet_key)
    INTO members, hashes FROM ocop.score_sheet s JOIN workflow.signature g USING (score_sheet_key) JOIN ocop.council_member m USING (council_member_key)
    WHERE s.dossier_key = dossier AND s.score_round = w.score_round;
    SELECT jsonb_strip_nulls(jsonb_build_object('spread_limit', trim_scale(c.spread_limit)::text, 'quorum_pct', c.quorum_pct, 'council_members',
               (SELECT count(*) FROM ocop.council_member m WHERE m.council_key = c.council_key AND m.retired_at IS NULL AND m.council_member_role IN ('chair', 'vice_chair', 'member')),
               'chair', (SELECT m.council_member_name || ' #' || m.council_member_key FROM ocop.council_member m WHERE m.council_key = c.council_key AND m.retired_at IS NULL AND m.council_member_role = 'chair')))
    INTO settings FROM ocop.council_session s JOIN ocop.council c USING (council_key) WHERE s.council_session_key = w.council_session_key;
END
$$;
CREATE FUNCTION workflow.keep_result(dossier bigint, of_hashes text[], with_settings jsonb, of_result jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    w workflow.dossier;
    key bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = dossier AND workflow.reaches(d) AND d.dossier_state IN ('council_scoring', 'council_rescoring')) THEN
        RAISE EXCEPTION 'dossier % is not being scored', dossier USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = dossier FOR UPDATE;
    -- the result is of exactly the sheets that are signed now
    IF of_hashes IS DISTINCT FROM (SELECT array_agg(g.hash ORDER BY g.score_sheet_key) FROM ocop.score_sheet s JOIN workflow.signature g USING (score_sheet_key)
                                   WHERE s.dossier_key = dossier AND s.score_round = w.score_round) THEN
        RAISE EXCEPTION 'a sheet was signed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    SELECT r.result_key INTO key FROM workflow.result r WHERE r.dossier_key = dossier AND r.score_round = w.score_round AND r.hashes = of_hashes AND r.settings = with_settings;
    IF key IS NULL THEN
        INSERT INTO workflow.result (dossier_key, score_round, version_key, hashes, settings, result) VALUES (dossier, w.score_round, w.version_key, of_hashes, with_settings, of_result)
        RETURNING result_key INTO key;
    END IF;
    RETURN key;
END
$$;

CREATE FUNCTION workflow.write_appraisal(dossier bigint, with_opinion text, visited date, lon double precision, lat double precision, accuracy numeric, with_photos text[]) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    d ocop.dossier := workflow.draft_of(dossier, '{advisory_review}');
    here geometry := CASE WHEN lon IS NOT NULL THEN ST_SetSRID(ST_MakePoint(lon, lat), 4326) END;
    metres numeric;
BEGIN
    IF (auth.acting()).role <> 'R09' THEN RAISE EXCEPTION 'an appraisal is the advisory team''s' USING ERRCODE = 'insufficient_privilege'; END IF;
    IF visited > pub.business_date() THEN RAISE EXCEPTION 'visited_on is %, must not be after today', visited USING ERRCODE = 'invalid_parameter_value'; END IF;
    metres := (SELECT round(ST_Distance(p.facility_geom::geography, here::geography)::numeric, 1) FROM ocop.producer p WHERE p.producer_key = d.producer_key);
    INSERT INTO workflow.appraisal AS a (dossier_key, account_key, opinion, visited_on, visit_geom, visit_accuracy_m, visit_distance_m, photos)
    VALUES (dossier, (auth.acting()).account_key, with_opinion, visited, here, accuracy, metres, coalesce(with_photos, '{}'))
    ON CONFLICT (dossier_key) DO UPDATE SET account_key = excluded.account_key, opinion = excluded.opinion, visited_on = excluded.visited_on, visit_geom = excluded.visit_geom,
        visit_accuracy_m = excluded.visit_accuracy_m, visit_distance_m = excluded.visit_distance_m, photos = excluded.photos, version = a.version + 1;
    RETURN metres;
END
$$;

-- --- a dossier as one document ----------------------------------------------------------------------------------------

-- All that the acting person may know of a dossier; NULL where they do not reach it.
CREATE FUNCTION workflow.view(dossier bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
#variable_conflict use_column
DECLARE
    d  ocop.dossier;
    w  workflow.dossier;
    me auth.role_grant := auth.acting();
    card record;
    is_inside boolean := me.role IN ('R08', 'R09', 'R10', 'R11', 'R12', 'R13');
BEGIN
    SELECT * INTO d FROM ocop.dossier o WHERE o.dossier_key = dossier;
    IF NOT FOUND OR NOT workflow.reaches(d) THEN RETURN NULL; END IF;
    SELECT * INTO w FROM workflow.dossier o WHERE o.dossier_key = dossier;
    SELECT * INTO card FROM workflow.card_of(dossier);
    RETURN jsonb_build_object(
        'id', d.dossier_key, 'version', d.version, 'state', d.dossier_state, 'state_since', w.state_since, 'due_on', w.due_on, 'regime', d.legal_regime_code,
        'registration_kind', d.registration_kind, 'previous_certificate_no', d.previous_certificate_no, 'sample_quantity', d.sample_quantity,
        'dossier_no', d.dossier_no, 'receipt_no', d.receipt_no, 'submitted_at', d.submitted_at, 'received_at', d.received_at, 'external_file_code', d.external_file_code,
        'return_reason', d.return_reason, 'withdrawn_at', d.withdrawn_at, 'round', d.evaluation_batch, 'score_round', w.score_round,
        'product', (SELECT jsonb_build_object('id', p.product_key, 'name', p.name, 'class_code', p.class_code, 'is_demo', p.is_demo) FROM ocop.product p WHERE p.product_key = d.product_key),
        'producer', (SELECT jsonb_build_object('id', m.producer_key, 'name', m.name, 'address', m.facility_address) FROM ocop.producer m WHERE m.producer_key = d.producer_key),
        'commune', (SELECT jsonb_build_object('code', u.code, 'name', u.name) FROM geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key)
                    WHERE l.lineage_key = d.lineage_key AND u.level = 'commune' ORDER BY u.valid_to DESC NULLS FIRST, u.valid_from DESC LIMIT 1),
        'rubric', (SELECT jsonb_build_object('id', v.version_key, 'version', v.rubric, 'edition', v.edition, 'text', CASE WHEN v.is_official THEN 'official' ELSE 'training' END,
                                             'digest', v.digest, 'set', card.set_no) FROM rubric.version v WHERE v.version_key = card.version_key),
        'self', CASE WHEN me.role <> 'R14' THEN jsonb_build_object(
            'answers', (SELECT coalesce(jsonb_object_agg(a.criterion, a.option_no), '{}') FROM workflow.self_answer a WHERE a.dossier_key = dossier),
            'notes', (SELECT coalesce(jsonb_object_agg(a.criterion, a.note) FILTER (WHERE a.note IS NOT NULL), '{}') FROM workflow.self_answer a WHERE a.dossier_key = dossier))
            || coalesce((SELECT jsonb_build_object('business_result_note', s.business_result_note, 'business_plan_note', s.business_plan_note, 'a', s.self_score_a, 'b', s.self_score_b, 'c', s.self_score_c)
                         FROM ocop.self_assessment s WHERE s.dossier_key = dossier AND s.retired_at IS NULL), '{}') END,
        'evidence', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.evidence_key, 'kind', e.evidence_kind, 'criterion', e.evidence_criterion_code, 'sha256', e.evidence_file,
                            'valid_to', e.evidence_valid_to, 'media_type', f.media_type, 'bytes', f.bytes, 'added_at', e.created_at) ORDER BY e.evidence_key), '[]')
                     FROM ocop.evidence e LEFT JOIN files.file f ON f.sha256 = e.evidence_file WHERE e.dossier_key = dossier AND e.retired_at IS NULL),
        'review', CASE WHEN me.role <> 'R02' OR d.dossier_state NOT IN ('draft', 'submitted', 'received', 'supplement_commune') THEN
                  (SELECT jsonb_build_object('id', r.commune_review_key, 'version', r.version, 'commune_due_date', r.commune_due_date, 'commune_material_opinion', r.commune_material_opinion,
                            'commune_labour_opinion', r.commune_labour_opinion, 'commune_idea_opinion', r.commune_idea_opinion, 'commune_identity_opinion', r.commune_identity_opinion,
                            'commune_report_no', r.commune_report_no, 'commune_proposal_no', r.commune_proposal_no, 'commune_proposal_date', r.commune_proposal_date)
                   FROM ocop.commune_review r WHERE r.dossier_key = dossier AND r.retired_at IS NULL) END,
        'supplement_request_no', d.supplement_request_no, 'supplement_due_date', d.supplement_due_date,
        'supplements', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', i.item_key, 'step', i.step_key, 'about', i.about, 'asked', i.asked, 'answer', i.answer, 'answered_at', i.answered_at) ORDER BY i.item_key), '[]')
                        FROM workflow.supplement_item i WHERE i.dossier_key = dossier),
        'bundle', (SELECT jsonb_build_object('files', b.files, 'digest', b.digest) FROM workflow.bundle b WHERE b.dossier_key = dossier ORDER BY b.step_key DESC LIMIT 1),
        'appraisal', CASE WHEN is_inside THEN (SELECT jsonb_build_object('opinion', a.opinion, 'visited_on', a.visited_on, 'lon', public.ST_X(a.visit_geom), 'lat', public.ST_Y(a.visit_geom),
                            'accuracy_m', a.visit_accuracy_m, 'distance_m', a.visit_distance_m, 'photos', a.photos, 'version', a.version) FROM workflow.appraisal a WHERE a.dossier_key = dossier) END,
        'results', CASE WHEN is_inside THEN (SELECT coalesce(jsonb_agg(jsonb_build_object('round', r.score_round, 'made_at', r.made_at, 'settings', r.settings, 'result', r.result) ORDER BY r.result_key), '[]')
                            FROM workflow.result r WHERE r.dossier_key = dossier) END,
        'outcome', (SELECT jsonb_strip_nulls(jsonb_build_object('star', g.awarded_star, 'decision_no', g.decision_no, 'decision_date', g.decision_date, 'decision_authority', g.decision_authority,
                            'minutes_no', CASE WHEN is_inside THEN g.minutes_no END, 'advisory_report_no', CASE WHEN is_inside THEN g.advisory_report_no END,
                            'certificate', (SELECT jsonb_build_object('id', c.certificate_key, 'serial', c.certificate_serial, 'star', c.star, 'issued_on', c.issued_on, 'valid_to', c.valid_to,
                                                                      'original_valid_to', c.original_valid_to, 'revoked_on', c.revoked_on) FROM ocop.certificate c WHERE c.certificate_key = g.certificate_key)))
                    FROM ocop.grading_result g WHERE g.dossier_key = dossier AND g.retired_at IS NULL
                      AND (is_inside OR d.dossier_state IN ('decided', 'certified', 'expiring', 'extended', 'expired', 'revoked', 'not_recognised', 'district_decided', 'forwarded_central'))
                    ORDER BY g.grading_result_key DESC LIMIT 1),
        'session', (SELECT jsonb_build_object('id', s.council_session_key, 'date', s.session_date, 'mode', s.session_mode, 'council', c.council_decision_no)
                    FROM ocop.council_session s JOIN ocop.council c USING (council_key) WHERE s.council_session_key = w.council_session_key AND is_inside),
        'steps', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', t.step_key, 'action', t.action, 'from', t.from_state, 'to', t.to_state, 'at', t.at, 'role', t.role,
                            'unit', (SELECT u.name FROM geo.admin_unit u WHERE u.unit_key = t.unit_key), 'reason', t.reason, 'document_no', t.document_no, 'document_date', t.document_date,
                            'title_vi', x.title_vi, 'title_en', x.title_en)) ORDER BY t.step_key), '[]')
                  FROM workflow.step t LEFT JOIN workflow.transition x ON x.regime = d.legal_regime_code AND x.from_state = t.from_state AND x.action = t.action WHERE t.dossier_key = dossier),
        'missing', CASE WHEN d.dossier_state = 'draft' THEN (SELECT coalesce(jsonb_agg(m ORDER BY m.blocks DESC), '[]') FROM workflow.missing(dossier) m) ELSE '[]' END,
        'actions', (SELECT coalesce(jsonb_agg(a), '[]') FROM workflow.actions(dossier) a));
END
$$;

-- Which account a member of a council signs in with. It must hold the role that goes with the seat.
CREATE FUNCTION workflow.seat_member(member bigint, with_login text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    m ocop.council_member;
    account bigint;
    wanted text;
BEGIN
    IF (auth.acting()).role IS DISTINCT FROM 'R08' THEN RAISE EXCEPTION 'seats are given by the province''s officer' USING ERRCODE = 'insufficient_privilege'; END IF;
    SELECT * INTO m FROM ocop.council_member c WHERE c.council_member_key = member AND c.retired_at IS NULL;
    IF NOT FOUND THEN RAISE EXCEPTION 'there is no council member %', member USING ERRCODE = 'no_data_found'; END IF;
    IF with_login = '' THEN DELETE FROM workflow.seat s WHERE s.council_member_key = member; RETURN; END IF;
    wanted := CASE m.council_member_role WHEN 'advisory' THEN 'R09' WHEN 'secretary' THEN 'R11' WHEN 'chair' THEN 'R12' ELSE 'R10' END;
    SELECT a.account_key INTO account FROM auth.account a JOIN auth.role_grant g USING (account_key)
    WHERE a.login = lower(btrim(with_login)) AND g.role = wanted AND auth.in_force(g, pub.business_date()) LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'login is %, must be of an account that holds the role % (%)', with_login, wanted, m.council_member_role USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM workflow.seat s JOIN ocop.council_member o USING (council_member_key) WHERE s.account_key = account AND o.council_key = m.council_key AND o.council_member_key <> member) THEN
        RAISE EXCEPTION 'login is %, which has a seat on this council already: one person, one vote', with_login USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO workflow.seat VALUES (member, account) ON CONFLICT (council_member_key) DO UPDATE SET account_key = excluded.account_key;
END
$$;
CREATE FUNCTION workflow.seated() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT coalesce(array_agg(council_member_key), '{}') FROM workflow.seat $$;

-- --- rights ---------------------------------------------------------------------------------------------------------------

REVOKE ALL ON FUNCTION workflow.check_guard(text, ocop.dossier, jsonb), workflow.refusals(ocop.dossier, text, jsonb, text), workflow.missing(bigint), workflow.card_of(bigint),
    workflow.result_of(bigint), workflow.draft_of(bigint, text[]), workflow.check_options(bigint, integer, jsonb), workflow.own_sheet(bigint), workflow.canonical_sheet(bigint),
    workflow.reaches(ocop.dossier), workflow.assigned(), workflow.assigned_producers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION workflow.assigned(), workflow.assigned_producers(), workflow.reaches(ocop.dossier) TO ocopmap_member;
GRANT SELECT ON workflow.regime, workflow.transition, workflow.calendar_day, workflow.round TO ocopmap_public, ocopmap_member, ocopmap_editor;
GRANT INSERT, UPDATE ON workflow.round TO ocopmap_r08;
GRANT INSERT, UPDATE, DELETE ON workflow.calendar_day TO ocopmap_r08, ocopmap_r16;
GRANT SELECT ON workflow.dossier, workflow.step, workflow.supplement_item, workflow.bundle, workflow.self_answer, workflow.appraisal, workflow.result TO ocopmap_member;
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY '{dossier,step,supplement_item,bundle,self_answer}'::text[] LOOP
        EXECUTE format('ALTER TABLE workflow.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON workflow.%I FOR SELECT TO ocopmap_member USING (EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = %2$I.dossier_key))', 'with_dossier', t);
    END LOOP;
    -- inside the authority: not the producer's
    FOREACH t IN ARRAY '{appraisal,result}'::text[] LOOP
        EXECUTE format('ALTER TABLE workflow.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY inside ON workflow.%I FOR SELECT TO ocopmap_r08, ocopmap_r09, ocopmap_r10, ocopmap_r11, ocopmap_r12, ocopmap_r13
                        USING (EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = %1$I.dossier_key))', t);
    END LOOP;
END $$;
