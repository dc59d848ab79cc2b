SELECT contact.send_review($1::bigint, $2::integer, $3, $4)
