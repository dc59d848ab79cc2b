-- $1 counter; what nobody asks for any more goes with it
DELETE FROM auth.sign_in_counter WHERE counter_key = decode($1, 'hex') OR last_at < now() - interval '2 days'
