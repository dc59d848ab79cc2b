-- The chain as one binary stream.
COPY (
    SELECT e.seq, e.entry_key, e.xid, e.at, e.login, e.role, e.account_key, e.grant_key, e.request, e.address, e.action, e.object, e.row_key,
           e.version, e.rows, e.before_hash, e.after_hash, e.reason, e.previous_hash, e.hash
    FROM audit.entry e
    WHERE e.seq IS NOT NULL
    ORDER BY e.seq
) TO STDOUT (FORMAT binary)
