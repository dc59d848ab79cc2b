-- person_blank($1 table, $2 key, $3 columns, $4 reason): how many older versions lost them.
SELECT audit.blank($1::text, $2::text, $3::text[], $4::text)
