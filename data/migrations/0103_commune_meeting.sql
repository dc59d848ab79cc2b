-- The commune's meeting on a dossier (họp xã) with its notes, written while the commune reviews. A new table; locks nothing.
CREATE TABLE workflow.commune_meeting (
    dossier_key bigint PRIMARY KEY REFERENCES ocop.dossier ON DELETE CASCADE,
    account_key bigint NOT NULL REFERENCES auth.account,
    held_on     date NOT NULL,
    place       text NOT NULL,
    chair       text NOT NULL,
    present     text[] NOT NULL CHECK (cardinality(present) > 0),
    notes       text NOT NULL,
    file        text                                          -- the notes as they were written by hand, for instance
);
SELECT files.name_by('workflow.commune_meeting', 'file', keeps => true);
SELECT audit.watch('workflow.commune_meeting', 'dossier_key', '{}');
ALTER TABLE workflow.commune_meeting ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON workflow.commune_meeting TO ocopmap_member;
-- As the review it belongs to: the producer reads it once the commune has signed. Asked by roles as well that may not read dossiers.
CREATE FUNCTION workflow.may_see_meeting(dossier bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = dossier AND workflow.reaches(d)
                   AND ((auth.acting()).role <> 'R02' OR d.dossier_state NOT IN ('received', 'supplement_commune')))
$$;
CREATE POLICY with_review ON workflow.commune_meeting FOR SELECT TO ocopmap_member USING (workflow.may_see_meeting(dossier_key));

CREATE FUNCTION workflow.write_meeting(dossier bigint, held date, at_place text, led_by text, were_present text[], with_notes text, with_file text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    d  ocop.dossier := workflow.draft_of(dossier, '{received}');
    me auth.role_grant := auth.acting();
BEGIN
    IF held > pub.business_date() OR held < workflow.business_day(d.submitted_at) THEN
        RAISE EXCEPTION 'held_on là %, phải từ ngày nộp hồ sơ % đến hôm nay (held_on must be from the day the dossier was filed, %, to today)', held,
            to_char(workflow.business_day(d.submitted_at), 'DD/MM/YYYY'), workflow.business_day(d.submitted_at) USING ERRCODE = 'invalid_parameter_value';
    ELSIF with_file IS NOT NULL AND NOT EXISTS (SELECT FROM files.holding h JOIN files.file f USING (sha256) WHERE h.sha256 = with_file AND h.account_key = me.account_key AND f.scan <> 'infected')
          AND NOT EXISTS (SELECT FROM workflow.commune_meeting m WHERE m.dossier_key = dossier AND m.file = with_file) THEN
        RAISE EXCEPTION 'file là "%", phải là SHA-256 của tệp bạn đã tải lên (file must be the SHA-256 of a file that you uploaded)', with_file USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO workflow.commune_meeting AS m (dossier_key, account_key, held_on, place, chair, present, notes, file)
    VALUES (dossier, me.account_key, held, at_place, led_by, were_present, with_notes, with_file)
    ON CONFLICT (dossier_key) DO UPDATE SET account_key = excluded.account_key, held_on = excluded.held_on, place = excluded.place, chair = excluded.chair, present = excluded.present,
        notes = excluded.notes, file = excluded.file;
END
$$;
-- Under the policy of the table.
CREATE FUNCTION workflow.meeting_of(dossier bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$
    SELECT jsonb_build_object('held_on', m.held_on, 'place', m.place, 'chair', m.chair, 'present', m.present, 'notes', m.notes, 'file', m.file)
    FROM workflow.commune_meeting m WHERE m.dossier_key = dossier
$$;
-- Its paper. NULL: there was none, or not for the acting role.
CREATE FUNCTION workflow.meeting_paper(dossier bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$
    SELECT m.meeting - 'file' || jsonb_build_object('product', p.product, 'paper', jsonb_build_object('superior_authority', upper('Ủy ban nhân dân ' || workflow.province_name()),
               'authority', upper('Ủy ban nhân dân ' || (p.product->>'commune_name')), 'place', p.product->>'commune_name', 'date', m.meeting->>'held_on', 'created_at', workflow.iso_time(now()),
               'is_draft', d.dossier_state IN ('received', 'supplement_commune')))
    FROM (SELECT workflow.meeting_of(dossier) AS meeting) m, (SELECT workflow.paper_product(dossier) AS product) p, ocop.dossier d
    WHERE d.dossier_key = dossier AND m.meeting IS NOT NULL
$$;
