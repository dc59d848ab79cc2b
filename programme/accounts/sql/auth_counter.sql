-- $1 counter; taken from here to the end of the transaction, so that attempts at the same time count one after the other
SELECT failures, extract(epoch FROM last_at)::bigint AS last_at
FROM auth.sign_in_counter
WHERE counter_key = decode($1, 'hex')
FOR UPDATE
