-- For editors. $1 kind or NULL, $2 LIKE patterns that all must fit, or NULL; $3 after this item or NULL, $4 limit, $5 state or NULL
SELECT item_key, kind, state, title_vi, title_en, body_vi, body_en, doc_number, issuer, issued_on, effective_from, effective_to, source_url, replaced_by,
       NULL AS replaced_by_number, NULL AS legal_state, to_char(published_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS published_at, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS updated_at, was_asked, is_demo, version
FROM content.item c
WHERE ($1::text IS NULL OR kind = $1) AND ($2::text[] IS NULL OR search LIKE ALL ($2::text[])) AND ($5::text IS NULL OR state = $5)
  AND ($3::bigint IS NULL OR (c.updated_at, item_key) < (SELECT a.updated_at, a.item_key FROM content.item a WHERE a.item_key = $3::bigint))
ORDER BY c.updated_at DESC, item_key DESC
LIMIT $4::integer
