SELECT contact.send_feedback($1, $2, $3::bigint, $4, $5, $6, $7, $8)
