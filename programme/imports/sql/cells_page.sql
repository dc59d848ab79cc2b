-- cells_page($1 job, $2 line of the last one before, $3 most, $4 only refused)
SELECT line, cells::text FROM imports.cells($1::bigint, $2::bigint, $3::integer, $4::boolean)
