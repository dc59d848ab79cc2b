-- $1 SHA-256, $2 bytes, $3 type, $4 width, $5 height, $6 taken, $7 place as WKT (empty: none), $8 copies: a file that nobody
-- brought; whether it is new
WITH fresh AS (
    INSERT INTO files.file (sha256, bytes, media_type, width, height, taken_at, place, scan)
    VALUES ($1, $2, $3, nullif($4, '')::integer, nullif($5, '')::integer, nullif($6, '')::timestamp, ST_GeomFromText(nullif($7, ''), 4326), 'none')
    ON CONFLICT (sha256) DO NOTHING RETURNING sha256),
copies AS (
    INSERT INTO files.copy
    SELECT fresh.sha256, c->>'kind', c->>'sha256', (c->>'bytes')::bigint, c->>'media_type' FROM fresh, jsonb_array_elements($8::jsonb) c)
SELECT EXISTS (SELECT FROM fresh)
