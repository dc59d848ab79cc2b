-- What ages goes when its time is over: one way for all kinds of data/retention.csv, once a day (docs/reference/retention.md).
-- What notices, feedback and imports did by themselves is done here. Locks nothing.
CREATE SCHEMA retention;

-- What was done, a line a day and kind.
CREATE TABLE retention.run (
    day    date NOT NULL,
    kind   text NOT NULL,
    rows   bigint NOT NULL,
    oldest timestamptz,                                      -- where the period of the oldest of them began
    at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, kind)
);

-- Why a producer's people cannot be taken out of the record yet, in words: papers in force or under way name them. NULL: they can.
CREATE FUNCTION ocop.why_people_stay(producer bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$
    SELECT why FROM (
        SELECT 1 AS n, format('a certificate is in force until %s', to_char(max(c.valid_to), 'DD/MM/YYYY')) AS why
        FROM ocop.certificate c JOIN ocop.product p USING (product_key)
        WHERE p.producer_key = producer AND c.valid_to > pub.business_date() AND c.revoked_on IS NULL AND c.retired_at IS NULL HAVING count(*) > 0
        UNION ALL
        SELECT 2, format('%s dossiers are under way', count(*))
        FROM ocop.dossier d
        WHERE d.producer_key = producer AND d.retired_at IS NULL
          AND d.dossier_state NOT IN ('draft', 'certified', 'not_recognised', 'returned', 'withdrawn', 'expiring', 'expired', 'revoked')
        HAVING count(*) > 0) reasons
    ORDER BY n LIMIT 1
$$;
REVOKE ALL ON FUNCTION ocop.why_people_stay(bigint) FROM PUBLIC;

-- Blanks columns of rows of t whose period began before a moment, with the rows' older versions. A text that must stand becomes a mark,
-- as when somebody asks for erasure (programme/records/person.cpp). since: where the period began, of a row t.
CREATE FUNCTION retention.blank(object text, columns text[], since text, before timestamptz, OUT rows bigint, OUT oldest timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    sets text;
    filled text;
    done record;
BEGIN
    SELECT string_agg(format('%I = %s', a.attname, CASE WHEN a.attnotnull THEN quote_literal('(đã xóa)') ELSE 'NULL' END), ', '),
           string_agg(format('t.%I IS DISTINCT FROM %s', a.attname, CASE WHEN a.attnotnull THEN quote_literal('(đã xóa)') ELSE 'NULL' END), ' OR ')
    INTO sets, filled
    FROM pg_attribute a WHERE a.attrelid = object::regclass AND a.attname = ANY (columns) AND NOT a.attisdropped;
    rows := 0;
    FOR done IN EXECUTE format('UPDATE %s t SET %s WHERE %s < $1 AND (%s) RETURNING t.%I::text AS row_key, %3$s AS since',
                               object::regclass, sets, since, filled, geo.key_of(object::regclass)) USING before LOOP
        PERFORM audit.blank(object, done.row_key, columns, 'retention');
        rows := rows + 1;
        oldest := least(oldest, done.since);
    END LOOP;
END
$$;

-- Takes away, or blanks, what of a kind began its period before a moment: how many rows, and when the oldest began. Stored files are
-- not here: their bytes lie outside.
CREATE FUNCTION retention.expire(kind text, before timestamptz, OUT rows bigint, OUT oldest timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'Asia/Ho_Chi_Minh' AS
$$
BEGIN
    CASE kind
    WHEN 'sessions' THEN
        WITH gone AS (DELETE FROM auth.session s WHERE least(s.revoked_at, s.expires_at) < before RETURNING least(s.revoked_at, s.expires_at) AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'devices' THEN
        WITH gone AS (DELETE FROM auth.device d WHERE d.last_used_at < before RETURNING d.last_used_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'sign-in-attempts' THEN
        WITH gone AS (DELETE FROM auth.sign_in_counter c WHERE c.last_at < before RETURNING c.last_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'reset-codes' THEN
        WITH gone AS (DELETE FROM auth.reset_code c WHERE coalesce(c.used_at, c.expires_at) < before RETURNING coalesce(c.used_at, c.expires_at) AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'recovery-codes' THEN
        WITH gone AS (DELETE FROM auth.recovery_code c WHERE c.used_at < before RETURNING c.used_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'refused-sign-ups' THEN
        WITH gone AS (DELETE FROM auth.sign_up s WHERE s.state = 'refused' AND s.decided_at < before RETURNING s.decided_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'read-notifications' THEN
        WITH gone AS (DELETE FROM notify.inbox i WHERE i.read_at < before RETURNING i.read_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'notifications' THEN  -- inbox and mail go with them
        WITH gone AS (DELETE FROM notify.event e WHERE e.at < before AND e.told_at IS NOT NULL RETURNING e.at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'notified-days' THEN
        WITH gone AS (DELETE FROM notify.day d WHERE d.day < before RETURNING d.day AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'scan-regions' THEN
        WITH gone AS (UPDATE trace.scan s SET scan_region = NULL WHERE s.scan_at < before AND s.scan_region IS NOT NULL RETURNING s.scan_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'feedback-senders' THEN
        WITH gone AS (UPDATE contact.feedback f SET sender_name = NULL, sender_contact = NULL, erased_at = now()
                      WHERE f.erased_at IS NULL AND f.created_at < before RETURNING f.created_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'feedback-counts' THEN  -- what was sent goes with the day's key
        WITH gone AS (DELETE FROM contact.day_key k WHERE k.day < before RETURNING k.day AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'drafts' THEN
        WITH gone AS (DELETE FROM draft.record_draft d WHERE d.saved_at < before RETURNING d.saved_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'import-rows' THEN
        WITH gone AS (DELETE FROM imports.staged s USING imports.job j WHERE j.job_key = s.job_key AND j.finished_at < before RETURNING j.finished_at AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    WHEN 'import-jobs' THEN  -- reports go with them; an operator's command that was killed never finished
        WITH gone AS (DELETE FROM imports.job j WHERE j.finished_at < before OR j.account_key IS NULL AND j.created_at < before
                      RETURNING coalesce(j.finished_at, j.created_at) AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    -- What nobody can bring back any more has no use for a person's data. A producer's people stay while papers name them.
    WHEN 'retired-representatives' THEN
        SELECT b.* INTO rows, oldest FROM retention.blank('ocop.representative',
            '{legal_rep_name,legal_rep_position,legal_rep_gender,contact_person_name,contact_person_phone,privacy_consent_version,privacy_consent_at}',
            'CASE WHEN t.retired_at IS NOT NULL AND ocop.why_people_stay(t.producer_key) IS NULL THEN t.retired_at END', before) b;
    WHEN 'retired-representatives-private' THEN
        SELECT b.* INTO rows, oldest FROM retention.blank('ocop.representative_private',
            '{legal_rep_ethnicity,legal_rep_disability,legal_rep_permanent_address,legal_rep_identity_no}',
            '(SELECT CASE WHEN x.since IS NOT NULL AND ocop.why_people_stay(t.producer_key) IS NULL THEN x.since END
              FROM (SELECT least(t.retired_at, r.retired_at) AS since FROM ocop.representative r WHERE r.representative_key = t.representative_key) x)', before) b;
    WHEN 'retired-workers' THEN
        SELECT b.* INTO rows, oldest FROM retention.blank('ocop.insured_worker', '{worker_name,worker_residence,worker_insurance_no}', 't.retired_at', before) b;
    WHEN 'retired-farmers' THEN
        SELECT b.* INTO rows, oldest FROM retention.blank('geo.plot', '{farmer_name,cadastral_sheet_no,cadastral_parcel_no}', 't.retired_at', before) b;
    WHEN 'reports' THEN
        WITH gone AS (DELETE FROM retention.run r WHERE r.day < before RETURNING r.day AS since)
        SELECT count(*), min(since) INTO rows, oldest FROM gone;
    ELSE
        RAISE EXCEPTION 'nothing is taken away of the kind %', kind USING ERRCODE = 'invalid_parameter_value';
    END CASE;
    IF rows > 0 THEN
        PERFORM audit.note('retention', kind, format('%s rows, begun before %s', rows, to_char(before, 'YYYY-MM-DD')));
    END IF;
END
$$;

-- One place for each time: what the day's work of notices and feedback took away besides.
CREATE OR REPLACE FUNCTION notify.begin_day(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    INSERT INTO notify.day VALUES (begin_day.day) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;
DROP FUNCTION contact.forget(date);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA retention FROM PUBLIC;
GRANT USAGE ON SCHEMA retention TO ocopmap_keeper, ocopmap_r16;
GRANT USAGE ON SCHEMA pub, trace TO ocopmap_keeper;          -- the business day; partitions ahead
GRANT EXECUTE ON FUNCTION retention.expire(text, timestamptz) TO ocopmap_keeper;
GRANT EXECUTE ON FUNCTION trace.make_months(date, date) TO ocopmap_keeper;
GRANT SELECT, INSERT, UPDATE ON retention.run TO ocopmap_keeper;
GRANT SELECT ON retention.run TO ocopmap_r16;
