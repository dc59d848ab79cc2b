-- An owner hears of a sign-in from a browser that was not seen before, and the old address of a new one. Locks three small tables for the
-- moment it takes to add a column and triggers.
ALTER TABLE notify.event ADD COLUMN address text;            -- by mail to this address, and to no inbox

-- Not of the first sign-in, nor of the demo's accounts, whose password everybody knows. Runs before the sign-in itself is noted.
CREATE FUNCTION notify.browser_came() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF EXISTS (SELECT FROM auth.account a WHERE a.account_key = NEW.account_key AND a.last_sign_in_at IS NOT NULL AND NOT a.is_demo) THEN
        PERFORM notify.tell_owner(NEW.account_key, 'new_browser');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_came AFTER INSERT ON auth.device FOR EACH ROW EXECUTE FUNCTION notify.browser_came();

-- Whoever takes an account over changes its address first: the one it had is told as well.
CREATE FUNCTION notify.address_left() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    INSERT INTO notify.event (kind, facts, object, row_key, accounts, address)
    VALUES ('account', jsonb_build_object('what', 'email'), 'auth.account', NEW.account_key, ARRAY[NEW.account_key], OLD.email);
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_old_address AFTER UPDATE OF email ON auth.account FOR EACH ROW
    WHEN (OLD.password_changed_at IS NOT NULL AND OLD.email IS NOT NULL AND NEW.email IS DISTINCT FROM OLD.email) EXECUTE FUNCTION notify.address_left();
REVOKE ALL ON FUNCTION notify.browser_came(), notify.address_left() FROM PUBLIC;

-- As before, but for events that go to an address alone.
CREATE OR REPLACE FUNCTION notify.dispatch(most integer, with_mail boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    keys bigint[];
BEGIN
    SELECT array_agg(q.event_key) INTO keys
    FROM (SELECT e.event_key FROM notify.event e WHERE e.told_at IS NULL ORDER BY e.event_key LIMIT most FOR UPDATE SKIP LOCKED) q;
    IF keys IS NULL THEN RETURN 0; END IF;
    WITH hearer AS MATERIALIZED (
        SELECT g.account_key, g.role, g.producer_key, g.unit_key, auth.lineages_of(g.unit_key) AS lineages
        FROM auth.role_grant g
        WHERE g.role IN (SELECT l.role FROM notify.listener l JOIN notify.event e USING (kind) WHERE e.event_key = ANY (keys))
          AND auth.in_force(g, pub.business_date())),
    told AS (
        SELECT h.account_key, e.event_key
        FROM notify.event e JOIN notify.listener l USING (kind) JOIN hearer h USING (role)
        WHERE e.event_key = ANY (keys)
          AND CASE WHEN h.role IN ('R02', 'R03') THEN h.producer_key = e.producer_key
                   WHEN h.unit_key IS NULL THEN true
                   WHEN e.lineages IS NULL THEN h.role >= 'R08'
                   ELSE e.lineages && h.lineages END
        UNION
        SELECT a.account_key, e.event_key
        FROM notify.event e CROSS JOIN LATERAL unnest(e.accounts) AS named JOIN auth.account a ON a.account_key = named AND a.state = 'active'
        WHERE e.event_key = ANY (keys)),
    boxed AS (
        INSERT INTO notify.inbox (account_key, event_key)
        SELECT t.account_key, t.event_key FROM told t JOIN notify.event e USING (event_key)
        WHERE t.account_key IS DISTINCT FROM e.by_account AND e.address IS NULL ORDER BY t.event_key, t.account_key
        ON CONFLICT DO NOTHING
        RETURNING inbox.account_key, inbox.event_key)
    INSERT INTO notify.mail (account_key, event_key)
    SELECT b.account_key, b.event_key
    FROM boxed b JOIN notify.event e USING (event_key) JOIN notify.kind k USING (kind) JOIN auth.account a USING (account_key)
         LEFT JOIN notify.setting s ON s.account_key = b.account_key AND s.kind = e.kind
    WHERE with_mail AND a.email IS NOT NULL AND coalesce(s.mails, k.mails)
    UNION ALL
    SELECT t.account_key, t.event_key FROM told t JOIN notify.event e USING (event_key) WHERE with_mail AND e.address IS NOT NULL
    ON CONFLICT DO NOTHING;
    UPDATE notify.event e SET told_at = now() WHERE e.event_key = ANY (keys);
    RETURN cardinality(keys);
END
$$;

-- The next mail that is due, as before, to the address of its event where it names one.
CREATE OR REPLACE FUNCTION notify.take_mail() RETURNS TABLE (mail_key bigint, address text, kind text, facts jsonb, event_key bigint, attempts integer)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    UPDATE notify.mail m SET attempts = m.attempts + 1, next_at = now() + least(interval '1 minute' * 2 ^ m.attempts, interval '6 hours')
    FROM auth.account a, notify.event e
    WHERE m.mail_key = (SELECT d.mail_key FROM notify.mail d WHERE d.state = 'waiting' AND d.next_at <= now() ORDER BY d.next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      AND a.account_key = m.account_key AND e.event_key = m.event_key
    RETURNING m.mail_key, coalesce(e.address, a.email), e.kind, e.facts, e.event_key, m.attempts
$$;
