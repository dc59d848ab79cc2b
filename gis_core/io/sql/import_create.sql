-- What an import finds: line NULL concerns the file; refused rows are not taken; a refused file changes nothing.
CREATE TEMP TABLE issue (
    line bigint, severity text NOT NULL CHECK (severity IN ('refused', 'repaired', 'note')),
    field text, value text, reason text NOT NULL) ON COMMIT DROP;
CREATE INDEX ON issue (line) WHERE severity = 'refused';
CREATE TEMP TABLE import_option (name text PRIMARY KEY, value text) ON COMMIT DROP;
CREATE TEMP VIEW good_row AS
    SELECT r.* FROM raw_feature r WHERE NOT EXISTS (SELECT FROM issue i WHERE i.severity = 'refused' AND i.line = r.line)
