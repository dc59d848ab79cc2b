UPDATE notify.mail SET state = 'waiting', attempts = 0, next_at = now() WHERE state = 'dead'
