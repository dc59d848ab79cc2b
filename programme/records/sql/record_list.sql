-- record_list(…): how many rows there are, and a part of them in order; filled in by programme/records/records.cpp.
WITH hits AS {once} (SELECT t.{sort} AS s, t.{key} AS k FROM {table} t WHERE {where})
SELECT n.n, r.json, r.k
FROM (SELECT count(*) AS n FROM hits) n
LEFT JOIN (
    SELECT row_to_json(w)::text AS json, w.{key} AS k, p.s
    FROM (SELECT h.s, h.k FROM hits h WHERE {after} ORDER BY h.s {order}, h.k {order} LIMIT {rows}) p,
         LATERAL (SELECT {columns} FROM {table} t WHERE t.{key} = p.k) w) r ON true
ORDER BY r.s {order}, r.k {order}
