-- $1 SHA-256, $2 bytes, $3 type, $4 width, $5 height, $6 taken, $7 longitude, $8 latitude, $9 scan, $10 copies, $11 name, $12 quota
SELECT files.keep($1, $2, $3, $4, $5, $6::timestamp, $7, $8, $9, $10::jsonb, $11, $12)
