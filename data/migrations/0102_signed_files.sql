-- A paper that was signed elsewhere (on paper and scanned, or with a digital signature) is attached as a PDF to what it signs: a member's
-- sheet, the minutes, the decision. Kept are the file's SHA-256 and the hash of what it signs, both in the audit's chain. Whether the
-- signature inside the file is good is not looked at here. A new table; locks nothing.
CREATE TABLE workflow.signed_file (
    signed_file_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dossier_key     bigint NOT NULL REFERENCES ocop.dossier ON DELETE CASCADE,
    about           text NOT NULL CHECK (about IN ('score_sheet', 'minutes', 'decision')),
    score_sheet_key bigint REFERENCES ocop.score_sheet ON DELETE CASCADE,
    signs           text NOT NULL,                            -- SHA-256: of a sheet the hash that was signed, else of what the record said
    file            text NOT NULL,
    account_key     bigint NOT NULL REFERENCES auth.account,
    at              timestamptz NOT NULL DEFAULT now(),
    CHECK ((about = 'score_sheet') = (score_sheet_key IS NOT NULL)),
    UNIQUE NULLS NOT DISTINCT (dossier_key, about, score_sheet_key, file)
);
SELECT files.name_by('workflow.signed_file', 'file', keeps => true);
UPDATE files.field SET takes = '{application/pdf}' WHERE object = 'workflow.signed_file';
SELECT audit.watch('workflow.signed_file', 'signed_file_key', '{}');
CREATE TRIGGER signed_file_hold BEFORE UPDATE OR DELETE ON workflow.signed_file FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();

-- Who may see the original may see its signed copy.
CREATE FUNCTION workflow.may_see_signed(dossier bigint, of_about text, sheet bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = dossier AND workflow.reaches(d)) THEN RETURN false; END IF;
    RETURN CASE of_about WHEN 'score_sheet' THEN EXISTS (SELECT FROM workflow.sheets(dossier) h WHERE h.score_sheet_key = sheet AND h.is_open)
                         WHEN 'minutes' THEN (auth.acting()).role IN ('R08', 'R10', 'R11', 'R12', 'R13') ELSE true END;
END
$$;
ALTER TABLE workflow.signed_file ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON workflow.signed_file TO ocopmap_member;
CREATE POLICY with_original ON workflow.signed_file FOR SELECT TO ocopmap_member USING (workflow.may_see_signed(dossier_key, about, score_sheet_key));

-- What the acting person may attach a signed copy to, with the hash of what it says now.
CREATE FUNCTION workflow.signable(dossier bigint) RETURNS TABLE (about text, sheet bigint, signs text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    me auth.role_grant := auth.acting();
    g  ocop.grading_result;
    r  workflow.result := workflow.result_of(dossier);
BEGIN
    IF NOT EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = dossier AND workflow.reaches(d)) THEN RETURN; END IF;
    SELECT * INTO g FROM ocop.grading_result o WHERE o.dossier_key = dossier AND o.retired_at IS NULL ORDER BY o.grading_result_key DESC LIMIT 1;
    RETURN QUERY SELECT 'score_sheet', m.score_sheet_key, n.hash FROM workflow.my_sheets() m JOIN workflow.signature n USING (score_sheet_key) WHERE m.dossier_key = dossier;
    IF g.minutes_no IS NOT NULL AND me.role IN ('R11', 'R12') THEN
        RETURN QUERY SELECT 'minutes', NULL::bigint, rubric.digest(jsonb_build_object('dossier', dossier, 'minutes_no', g.minutes_no, 'sheets', r.hashes, 'result', r.result));
    END IF;
    IF g.decision_no IS NOT NULL AND me.role IN ('R08', 'R13') THEN
        RETURN QUERY SELECT 'decision', NULL::bigint, rubric.digest(jsonb_build_object('dossier', dossier, 'decision_no', g.decision_no, 'decision_date', g.decision_date,
                                                                                      'mean_total', g.mean_total, 'star', g.awarded_star));
    END IF;
END
$$;
CREATE FUNCTION workflow.attach_signed(dossier bigint, of_about text, of_sheet bigint, hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
    me    auth.role_grant := auth.acting();
    to_be text;
    kind  text;
BEGIN
    IF NOT EXISTS (SELECT FROM ocop.dossier d WHERE d.dossier_key = dossier AND workflow.reaches(d)) THEN
        RAISE EXCEPTION 'there is no dossier % that you may see', dossier USING ERRCODE = 'no_data_found';
    END IF;
    SELECT s.signs INTO to_be FROM workflow.signable(dossier) s WHERE s.about = of_about AND s.sheet IS NOT DISTINCT FROM of_sheet;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'about là "%" %, vai trò của bạn lúc này chỉ gắn được bản ký vào: % (about is "%", now you may attach to what GET of the dossier lists as signable)',
            of_about, coalesce(of_sheet::text, ''), (SELECT coalesce(string_agg(s.about || coalesce(' ' || s.sheet, ''), ', '), 'không gì') FROM workflow.signable(dossier) s), of_about
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT f.media_type INTO kind FROM files.file f JOIN files.holding h USING (sha256) WHERE f.sha256 = hash AND h.account_key = me.account_key AND f.scan <> 'infected';
    IF kind IS NULL THEN
        RAISE EXCEPTION 'file là "%", phải là SHA-256 của tệp bạn đã tải lên (file must be the SHA-256 of a file that you uploaded)', hash USING ERRCODE = 'invalid_parameter_value';
    ELSIF kind <> 'application/pdf' THEN
        RAISE EXCEPTION 'file là %, phải là PDF (file is %, must be a PDF)', kind, kind USING ERRCODE = 'invalid_parameter_value';
    ELSIF EXISTS (SELECT FROM workflow.signed_file f WHERE f.dossier_key = dossier AND f.about = of_about AND f.score_sheet_key IS NOT DISTINCT FROM of_sheet AND f.file = hash) THEN
        RAISE EXCEPTION 'file đã được gắn rồi (the file is attached already)' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    INSERT INTO workflow.signed_file (dossier_key, about, score_sheet_key, signs, file, account_key) VALUES (dossier, of_about, of_sheet, to_be, hash, me.account_key);
END
$$;
-- Both lists for the page.
CREATE FUNCTION workflow.signed_files(dossier bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT jsonb_build_object(
        'signed_files', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.signed_file_key, 'about', s.about, 'sheet', s.score_sheet_key, 'signs', s.signs, 'file', s.file, 'bytes', f.bytes,
                                'name', (SELECT h.name FROM files.holding h WHERE h.sha256 = s.file AND h.account_key = s.account_key), 'at', s.at,
                                'member', (SELECT m.council_member_name FROM ocop.score_sheet o JOIN ocop.council_member m USING (council_member_key) WHERE o.score_sheet_key = s.score_sheet_key))
                                ORDER BY s.signed_file_key), '[]')
                         FROM workflow.signed_file s JOIN files.file f ON f.sha256 = s.file WHERE s.dossier_key = dossier AND workflow.may_see_signed(dossier, s.about, s.score_sheet_key)),
        'signable', (SELECT coalesce(jsonb_agg(s), '[]') FROM workflow.signable(dossier) s))
$$;
