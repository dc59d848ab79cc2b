-- The entries to seal, in the order of their transactions' commits, as one binary stream. What is committed is visible here,
-- whatever else is running; the order of columns is that of chain_copy.sql and must stay.
COPY (
    SELECT NULL::bigint, e.entry_key, e.xid, e.at, e.login, e.role, e.account_key, e.grant_key, e.request, e.address, e.action, e.object, e.row_key,
           e.version, e.rows, e.before_hash, e.after_hash, e.reason, NULL::bytea, NULL::bytea
    FROM audit.entry e LEFT JOIN audit.commit c USING (xid)
    WHERE e.seq IS NULL
    ORDER BY c.commit_no NULLS FIRST, e.entry_key
    LIMIT 100000
) TO STDOUT (FORMAT binary)
