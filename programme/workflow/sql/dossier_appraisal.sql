-- dossier_appraisal($1 dossier, $2 opinion, $3 visited_on, $4 lon, $5 lat, $6 accuracy_m, $7 photos)
SELECT workflow.write_appraisal($1::bigint, $2, $3::date, $4::double precision, $5::double precision, $6::numeric, $7::text[])
