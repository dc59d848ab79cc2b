-- job_add($1 account, $2 grant, $3 role, $4 request, $5 reason, $6 entity, $7 file name, $8 format, $9 partial, $10 renamed, $11 epsg, $12 layer)
INSERT INTO imports.job (account_key, grant_key, role, request, reason, entity, file_name, file_format, partial, renamed, epsg, layer)
VALUES ($1::bigint, $2::bigint, $3, $4, $5, $6, $7, $8, $9::boolean, $10::jsonb, $11::integer, $12)
RETURNING job_key
