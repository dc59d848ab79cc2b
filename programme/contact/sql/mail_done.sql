SELECT notify.mail_done($1::bigint, $2, $3::boolean)
