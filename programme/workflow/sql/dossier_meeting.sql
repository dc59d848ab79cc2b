-- dossier_meeting($1 dossier, $2 held_on, $3 place, $4 chair, $5 present, $6 notes, $7 SHA-256 of a file or NULL)
SELECT workflow.write_meeting($1::bigint, $2::date, $3, $4, $5::text[], $6, $7)
