-- $1 mail, or NULL for all that were given up
SELECT notify.send_again($1::bigint)
