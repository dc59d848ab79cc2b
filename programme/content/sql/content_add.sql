-- $1, $2 title; $3, $4 text; $5 number of the document, $6 issuer, $7 issued on, $8 in force from, $9 until; $10 replaced by; $11 source; $12 kind
INSERT INTO content.item (title_vi, title_en, body_vi, body_en, doc_number, issuer, issued_on, effective_from, effective_to, replaced_by, source_url, kind)
VALUES ($1, $2, $3, $4, $5, $6, $7::date, $8::date, $9::date, $10::bigint, $11, $12)
RETURNING item_key
