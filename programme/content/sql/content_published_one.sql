-- $1 number
SELECT item_key, kind, 'published' AS state, title_vi, title_en, body_vi, body_en, doc_number, issuer, issued_on, effective_from, effective_to, source_url, replaced_by,
       replaced_by_number, legal_state, to_char(published_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS published_at, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS updated_at, false AS was_asked, is_demo, version
FROM pub.content WHERE item_key = $1::bigint
