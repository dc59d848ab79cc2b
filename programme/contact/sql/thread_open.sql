-- $1 table, $2 key of a row that the acting role sees
INSERT INTO contact.thread (object, row_key) VALUES ($1, $2::bigint) ON CONFLICT (object, row_key) DO NOTHING
