-- What is published. $1 kind or NULL, $2 LIKE patterns that all must fit, or NULL; $3 after this item or NULL, $4 limit
SELECT item_key, kind, 'published' AS state, title_vi, title_en, body_vi, body_en, doc_number, issuer, issued_on, effective_from, effective_to, source_url, replaced_by,
       replaced_by_number, legal_state, to_char(published_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS published_at, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SSOF":00"') AS updated_at, false AS was_asked, is_demo, version
FROM pub.content c
WHERE ($1::text IS NULL OR kind = $1) AND ($2::text[] IS NULL OR search LIKE ALL ($2::text[]))
  AND ($3::bigint IS NULL OR (coalesce(issued_on, published_at::date), item_key) < (SELECT coalesce(a.issued_on, a.published_at::date), a.item_key FROM pub.content a WHERE a.item_key = $3::bigint))
ORDER BY coalesce(c.issued_on, c.published_at::date) DESC, item_key DESC
LIMIT $4::integer
