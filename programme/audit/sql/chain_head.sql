-- Where the chain ends: 0 and 32 zero bytes before the first entry.
SELECT coalesce(max(h.seq), 0) AS seq, coalesce(max(encode(h.hash, 'hex')), repeat('00', 32)) AS hash
FROM (SELECT e.seq, e.hash FROM audit.entry e WHERE e.seq IS NOT NULL ORDER BY e.seq DESC LIMIT 1) h
