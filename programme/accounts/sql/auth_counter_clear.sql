-- $1 counter
DELETE FROM auth.sign_in_counter WHERE counter_key = decode($1, 'hex')
