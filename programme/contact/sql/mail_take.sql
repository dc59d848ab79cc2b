SELECT mail_key, address, kind, facts::text AS facts, attempts FROM notify.take_mail()
