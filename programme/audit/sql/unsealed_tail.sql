SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(e.at)), 0)::double precision FROM audit.entry e WHERE e.seq IS NULL
