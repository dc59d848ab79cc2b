-- How many producers match; parameters as producers_page, $17 the count at which it stops.
SELECT count(*) FROM (
    SELECT FROM pub.producer p
    WHERE $2::date IS NOT NULL AND p.registered_on <= $1::date
      AND ($3::text IS NULL OR p.name_folded LIKE $3)
      AND ($4::text IS NULL OR p.name_folded LIKE $4)
      AND ($5::text IS NULL OR p.name_folded LIKE $5)
      AND ($6::text[] IS NULL OR p.name_folded LIKE ALL ($6))
      AND ($7::text[] IS NULL OR p.kind = ANY ($7))
      AND ($8::integer[] IS NULL OR p.lineage_key = ANY ($8))
      AND ($9::boolean IS NULL OR (p.lineage_key IS NULL) = $9)
      AND ($10::float8 IS NULL OR p.geom && ST_MakeEnvelope($10, $11::float8, $12::float8, $13::float8, 4326))
      AND ($16::float8 IS NULL OR ST_DWithin(p.geom::geography, ST_SetSRID(ST_MakePoint($14::float8, $15::float8), 4326)::geography, $16))
    LIMIT $17::integer) counted
