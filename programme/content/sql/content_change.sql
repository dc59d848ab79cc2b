-- as content_add, then $12 number and $13 the version that was read
UPDATE content.item
SET title_vi = $1, title_en = $2, body_vi = $3, body_en = $4, doc_number = $5, issuer = $6, issued_on = $7::date, effective_from = $8::date,
    effective_to = $9::date, replaced_by = $10::bigint, source_url = $11
WHERE item_key = $12::bigint AND version = $13::integer
