-- rubric_bring($1 version, $2 official, $3 content, $4 findings): its key; the newest edition's when that says the same
WITH newest AS (SELECT version_key, edition, digest FROM rubric.version WHERE rubric = $1 AND is_official = $2::boolean ORDER BY edition DESC LIMIT 1),
brought AS (
    INSERT INTO rubric.version (rubric, edition, is_official, content, findings)
    SELECT $1, coalesce((SELECT edition FROM newest), 0) + 1, $2::boolean, $3::jsonb, $4::jsonb
    WHERE NOT EXISTS (SELECT FROM newest WHERE digest = rubric.digest($3::jsonb))
    RETURNING version_key)
SELECT version_key FROM brought UNION ALL SELECT version_key FROM newest WHERE NOT EXISTS (SELECT FROM brought)
