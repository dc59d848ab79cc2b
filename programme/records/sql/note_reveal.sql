-- note_reveal($1 table, $2 field and reason, $3 key): a sealed number was read.
SELECT audit.note('reveal', $1::text, $2::text, $3::text)
