-- sealed_numbers($1 tags, $2 rows, $3 sealed, hexadecimal): what pg_temp.sealed() gives.
INSERT INTO pg_temp.sealed_number (tag, i, bytes)
SELECT tag, i, decode(hex, 'hex') FROM unnest($1::text[], $2::bigint[], $3::text[]) AS n (tag, i, hex)
