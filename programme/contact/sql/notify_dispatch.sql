SELECT notify.dispatch($1::integer, $2::boolean)
