-- For editors. $1 number
SELECT item_key, kind, state, title_vi, title_en, body_vi, body_en, doc_number, issuer, issued_on, effective_from, effective_to, source_url, replaced_by,
       NULL AS replaced_by_number, NULL AS legal_state, to_char(published_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS published_at, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS updated_at, was_asked, is_demo, version
FROM content.item WHERE item_key = $1::bigint
