-- $1 kind, $2, $3 title, $4, $5 text, $6 number of the document, $7 issuer, $8 issued on, $9 in force from, $10 source
INSERT INTO content.item (kind, state, title_vi, title_en, body_vi, body_en, doc_number, issuer, issued_on, effective_from, source_url, published_at, is_demo)
VALUES ($1, 'published', $2, $3, normalize(btrim($4, E'\n'), NFC), normalize(btrim($5, E'\n'), NFC), $6, $7, $8::date, $9::date, $10, now(), true)
ON CONFLICT DO NOTHING
