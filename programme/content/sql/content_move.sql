UPDATE content.item SET state = $3 WHERE item_key = $1::bigint AND version = $2::integer
