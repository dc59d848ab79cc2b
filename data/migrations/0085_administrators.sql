-- Administrators (R16) manage accounts through the service, not by the operator's command alone; owners are told when what lets them in
-- changes; administrators see what runs behind the pages. Adds a column to auth.account and triggers: locks the tables of auth,
-- a moment each.

-- --- what an administrator may do ------------------------------------------------------------------------------------------

-- One number for the account and its grants: what If-Match names.
ALTER TABLE auth.account ADD COLUMN version integer NOT NULL DEFAULT 1;
CREATE FUNCTION auth.count_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := OLD.version + 1; RETURN NEW; END $$;
CREATE TRIGGER version BEFORE UPDATE OF display_name, email, phone, state ON auth.account FOR EACH ROW
    WHEN ((NEW.display_name, NEW.email, NEW.phone, NEW.state) IS DISTINCT FROM (OLD.display_name, OLD.email, OLD.phone, OLD.state))
    EXECUTE FUNCTION auth.count_version();
CREATE FUNCTION auth.count_grant() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    UPDATE auth.account a SET version = a.version + 1 WHERE a.account_key = NEW.account_key;
    RETURN NULL;
END
$$;
CREATE TRIGGER version AFTER INSERT OR UPDATE ON auth.role_grant FOR EACH ROW EXECUTE FUNCTION auth.count_grant();

-- The operator's command has no account, and leaves these empty as before.
ALTER TABLE auth.role_grant ALTER COLUMN granted_by SET DEFAULT auth.account();
ALTER TABLE auth.reset_code ALTER COLUMN issued_by SET DEFAULT auth.account();

-- Whether whoever acts is one of the demo's people, whose password everybody knows.
CREATE FUNCTION auth.acts_for_demo() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT coalesce((SELECT a.is_demo FROM auth.account a WHERE a.account_key = auth.account()), true) $$;

-- The rules that hold whatever the service forgets. They bind administrators; the operator owns the database.
CREATE FUNCTION auth.guard_administrator() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    acting auth.role_grant;
BEGIN
    IF current_setting('role') <> 'ocopmap_r16' THEN RETURN NEW; END IF;
    -- Two administrators who take each other's role away come one after the other, and the second is none any more.
    PERFORM pg_advisory_xact_lock(hashtext('auth.guard_administrator'));
    acting := auth.acting();
    IF acting.role IS DISTINCT FROM 'R16' THEN
        RAISE EXCEPTION 'accounts are managed by administrators' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_TABLE_NAME = 'account' THEN
        IF TG_OP = 'INSERT' THEN
            NEW.is_demo := auth.acts_for_demo();
        ELSIF NEW.state <> OLD.state AND (NEW.account_key = acting.account_key OR OLD.state = 'closed' OR NEW.state = 'closed') THEN
            RAISE EXCEPTION 'an administrator locks and unlocks accounts of others' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.account_key = acting.account_key THEN
        IF TG_OP = 'INSERT' THEN
            RAISE EXCEPTION 'nobody gives a role to themselves' USING ERRCODE = 'insufficient_privilege';
        ELSIF OLD.role = 'R16' AND NOT EXISTS (
            SELECT FROM auth.role_grant g
            WHERE g.account_key = OLD.account_key AND g.role = 'R16' AND g.grant_key <> OLD.grant_key AND auth.in_force(g, pub.business_date())
              AND coalesce(g.valid_to, 'infinity') >= coalesce(OLD.valid_to, 'infinity')) THEN
            RAISE EXCEPTION 'an administrator does not end their own last grant' USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF state ON auth.account FOR EACH ROW EXECUTE FUNCTION auth.guard_administrator();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON auth.role_grant FOR EACH ROW EXECUTE FUNCTION auth.guard_administrator();

-- Whom an administrator manages: everybody, while the grant is in force; one of the demo the demo's accounts only.
ALTER TABLE auth.account ENABLE ROW LEVEL SECURITY;
CREATE POLICY keeper ON auth.account TO ocopmap_auth USING (true) WITH CHECK (true);
CREATE POLICY administrator ON auth.account TO ocopmap_r16
    USING ((SELECT (auth.acting()).role) = 'R16' AND (is_demo OR NOT (SELECT auth.acts_for_demo())))
    WITH CHECK ((SELECT (auth.acting()).role) = 'R16' AND (is_demo OR NOT (SELECT auth.acts_for_demo())));
DO $$
DECLARE
    of_account text;
BEGIN
    FOREACH of_account IN ARRAY ARRAY['role_grant', 'session', 'api_key', 'reset_code', 'recovery_code'] LOOP
        EXECUTE format('ALTER TABLE auth.%I ENABLE ROW LEVEL SECURITY', of_account);
        EXECUTE format('CREATE POLICY keeper ON auth.%I TO ocopmap_auth USING (true) WITH CHECK (true)', of_account);
        EXECUTE format('CREATE POLICY administrator ON auth.%1$I TO ocopmap_r16 USING (EXISTS (SELECT FROM auth.account a WHERE a.account_key = %1$I.account_key))
                        WITH CHECK (EXISTS (SELECT FROM auth.account a WHERE a.account_key = %1$I.account_key))', of_account);
    END LOOP;
END $$;

-- By column: no hash and no secret, and nothing is deleted but recovery codes.
GRANT SELECT (account_key, login, display_name, email, phone, state, totp_confirmed_at, is_demo, created_at, password_changed_at, last_sign_in_at, version),
    INSERT (login, display_name, email, phone), UPDATE (display_name, email, phone, state, totp_secret, totp_confirmed_at) ON auth.account TO ocopmap_r16;
GRANT SELECT, INSERT (account_key, role, unit_key, producer_key, valid_from, valid_to, document), UPDATE (valid_to) ON auth.role_grant TO ocopmap_r16;
GRANT SELECT (session_key, account_key, created_at, last_seen_at, expires_at, revoked_at), UPDATE (revoked_at) ON auth.session TO ocopmap_r16;
GRANT SELECT (key_key, account_key, name, prefix, expires_at, last_used_on, revoked_at) ON auth.api_key TO ocopmap_r16;
GRANT SELECT (account_key, issued_at, expires_at, used_at), INSERT (code_hash, account_key, expires_at), UPDATE (expires_at) ON auth.reset_code TO ocopmap_r16;
GRANT SELECT (account_key), DELETE ON auth.recovery_code TO ocopmap_r16;
REVOKE ALL ON FUNCTION auth.count_version(), auth.count_grant(), auth.guard_administrator(), auth.acts_for_demo() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.acts_for_demo(), auth.in_force(auth.role_grant, date), auth.scope_name(auth.role_grant) TO ocopmap_r16;

-- --- what an owner is told of -----------------------------------------------------------------------------------------------

-- Without listeners: the account's owner alone, and also who did it themselves, for a change one did not make is what one has to hear of.
INSERT INTO notify.kind VALUES ('account', true);
CREATE FUNCTION notify.tell_owner(account bigint, what text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    INSERT INTO notify.event (kind, facts, object, row_key, accounts) VALUES ('account', jsonb_build_object('what', what), 'auth.account', account, ARRAY[account]);
    SELECT pg_notify('ocopmap_notify', '')
$$;

CREATE FUNCTION notify.account_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF NEW.password_changed_at IS DISTINCT FROM OLD.password_changed_at THEN PERFORM notify.tell_owner(NEW.account_key, 'password'); END IF;
    IF NEW.email IS DISTINCT FROM OLD.email THEN PERFORM notify.tell_owner(NEW.account_key, 'email'); END IF;
    IF (NEW.totp_confirmed_at IS NULL) <> (OLD.totp_confirmed_at IS NULL) THEN
        PERFORM notify.tell_owner(NEW.account_key, CASE WHEN NEW.totp_confirmed_at IS NULL THEN 'second_factor_off' ELSE 'second_factor_on' END);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_owner AFTER UPDATE OF password_changed_at, email, totp_confirmed_at ON auth.account FOR EACH ROW
    WHEN (OLD.password_changed_at IS NOT NULL) EXECUTE FUNCTION notify.account_changed();  -- a first password is no change

CREATE FUNCTION notify.key_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    PERFORM notify.tell_owner(NEW.account_key, CASE WHEN TG_OP = 'INSERT' THEN 'key_made' ELSE 'key_ended' END);
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_made AFTER INSERT ON auth.api_key FOR EACH ROW EXECUTE FUNCTION notify.key_changed();
CREATE TRIGGER notify_ended AFTER UPDATE OF revoked_at ON auth.api_key FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION notify.key_changed();

CREATE FUNCTION notify.code_issued() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF EXISTS (SELECT FROM auth.account a WHERE a.account_key = NEW.account_key AND a.state = 'active') THEN
        PERFORM notify.tell_owner(NEW.account_key, 'reset_code');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_issued AFTER INSERT ON auth.reset_code FOR EACH ROW EXECUTE FUNCTION notify.code_issued();
REVOKE ALL ON FUNCTION notify.tell_owner(bigint, text), notify.account_changed(), notify.key_changed(), notify.code_issued() FROM PUBLIC;

-- --- what runs behind the pages ---------------------------------------------------------------------------------------------

-- Figures and states, never what a job, a mail or a file holds: an administrator has no business with the record's rows.
CREATE FUNCTION imports.overview(most integer)
RETURNS TABLE (job_key bigint, login text, role text, entity text, state text, phase text, rows_total bigint, rows_read bigint, rows_merged bigint,
               rows_refused bigint, attempts integer, created_at timestamptz, finished_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT j.job_key, a.login, j.role, j.entity, j.state, j.phase, j.rows_total, j.rows_read, j.rows_merged, j.rows_refused, j.attempts, j.created_at, j.finished_at
    FROM imports.job j LEFT JOIN auth.account a USING (account_key)
    ORDER BY j.state NOT IN ('queued', 'running'), j.job_key DESC LIMIT most
$$;

CREATE FUNCTION notify.mail_counts() RETURNS TABLE (state text, mails bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT m.state, count(*), min(m.made_at) FROM notify.mail m GROUP BY m.state ORDER BY m.state $$;
-- What was given up, and what failed and will be tried again.
CREATE FUNCTION notify.stuck_mail(most integer)
RETURNS TABLE (mail_key bigint, login text, kind text, state text, attempts integer, made_at timestamptz, next_at timestamptz, last_error text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT m.mail_key, a.login, e.kind, m.state, m.attempts, m.made_at, m.next_at, coalesce(m.last_error, '')
    FROM notify.mail m JOIN auth.account a USING (account_key) JOIN notify.event e USING (event_key)
    WHERE m.state = 'dead' OR (m.state = 'waiting' AND m.last_error IS NOT NULL)
    ORDER BY m.state = 'waiting', m.mail_key DESC LIMIT most
$$;
-- mail: one of these, or NULL for all that were given up. How many wait again.
CREATE FUNCTION notify.send_again(mail bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    n bigint;
BEGIN
    UPDATE notify.mail m SET state = 'waiting', attempts = 0, next_at = now()
    WHERE CASE WHEN mail IS NULL THEN m.state = 'dead' ELSE m.mail_key = mail AND m.state <> 'sent' END;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN
        PERFORM audit.note('mail-again', 'notify.mail', NULL, mail::text), pg_notify('ocopmap_notify', '');
    END IF;
    RETURN n;
END
$$;

CREATE FUNCTION audit.tail(OUT unsealed bigint, OUT oldest timestamptz, OUT sealed bigint, OUT sealed_to timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT (SELECT count(*) FROM audit.entry e WHERE e.seq IS NULL), (SELECT min(e.at) FROM audit.entry e WHERE e.seq IS NULL), coalesce(h.seq, 0), h.at
    FROM (VALUES (1)) one LEFT JOIN (SELECT e.seq, e.at FROM audit.entry e WHERE e.seq IS NOT NULL ORDER BY e.seq DESC LIMIT 1) h ON true
$$;
CREATE FUNCTION files.totals(OUT files bigint, OUT bytes numeric, OUT waiting bigint, OUT infected bigint, OUT uploads bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT count(*), coalesce(sum(f.bytes), 0) + (SELECT coalesce(sum(c.bytes), 0) FROM files.copy c), count(*) FILTER (WHERE f.scan = 'waiting'),
           count(*) FILTER (WHERE f.scan = 'infected'), (SELECT count(*) FROM files.upload u WHERE u.expires_at > now())
    FROM files.file f
$$;
CREATE FUNCTION auth.waiting_sign_ups() RETURNS TABLE (commune text, waiting bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT u.name, count(*), min(s.asked_at) FROM auth.sign_up s JOIN geo.admin_unit u USING (unit_key)
    WHERE s.state = 'pending' GROUP BY u.unit_key, u.name ORDER BY 3
$$;
REVOKE ALL ON FUNCTION imports.overview(integer), notify.mail_counts(), notify.stuck_mail(integer), notify.send_again(bigint), audit.tail(), files.totals(),
    auth.waiting_sign_ups() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION imports.overview(integer), notify.mail_counts(), notify.stuck_mail(integer), notify.send_again(bigint), audit.tail(), files.totals(),
    auth.waiting_sign_ups() TO ocopmap_r16;
