-- auth_note($1 action, $2 account, $3 reason): an act of or on an account, for the audit.
SELECT audit.note($1::text, 'auth.account', $3::text, nullif($2::bigint, 0)::text)
