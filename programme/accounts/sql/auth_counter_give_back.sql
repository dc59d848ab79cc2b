-- $1 counter: the attempt was none
UPDATE auth.sign_in_counter SET failures = greatest(failures - 1, 0) WHERE counter_key = decode($1, 'hex')
