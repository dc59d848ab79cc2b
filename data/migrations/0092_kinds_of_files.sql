-- A column of stored files takes the kinds it is for: a photo is a picture, a contract a picture or PDF (data/dictionary.csv, unit). What is
-- named already stays. Locks nothing.
ALTER TABLE files.field ADD COLUMN takes text[];             -- media types; NULL: all that are stored
UPDATE files.field SET takes = '{image/jpeg,image/png,image/webp,image/heic}' WHERE column_name = 'photo_file';
UPDATE files.field SET takes = '{image/jpeg,image/png,image/webp,image/heic,application/pdf}'
WHERE column_name IN ('organisation_chart_file', 'label_file', 'contract_file');
UPDATE files.field SET takes = '{image/jpeg,image/png,image/webp,image/heic,application/pdf,application/vnd.openxmlformats-officedocument.wordprocessingml.document,'
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet}'
WHERE column_name = 'financial_report_file';

CREATE FUNCTION files.fits(object text, named_by name, hash text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
    SELECT NOT EXISTS (SELECT FROM files.field d JOIN files.file f ON f.sha256 = hash
                       WHERE d.object = $1 AND d.column_name = named_by AND f.media_type <> ALL (d.takes))
$$;
REVOKE ALL ON FUNCTION files.fits(text, name, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION files.fits(text, name, text) TO ocopmap_member, ocopmap_editor;

CREATE OR REPLACE FUNCTION files.note_name() RETURNS trigger
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
    IF NOT files.fits(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_ARGV[0], now_named) THEN
        RAISE EXCEPTION '% violates constraint "%": a file of another kind', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
