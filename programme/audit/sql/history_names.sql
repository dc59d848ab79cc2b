-- history_names($1 accounts): how they are called
SELECT account_key, display_name FROM auth.names_of($1::bigint[])
