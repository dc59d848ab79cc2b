-- How many producers match; $1-$13 as producers_page, $14 the count at which it stops.
SELECT count(*) FROM (
    SELECT FROM pub.producer_search p
    WHERE $2::date IS NOT NULL AND p.registered_on <= $1::date
      AND ($3::tsquery IS NULL OR p.name_words @@ $3)
      AND ($4::text[] IS NULL OR p.kind = ANY ($4))
      AND ($5::integer[] IS NULL OR p.lineage_key = ANY ($5))
      AND ($6::boolean IS NULL OR (p.lineage_key IS NULL) = $6)
      AND ($7::float8 IS NULL OR p.geom && ST_MakeEnvelope($7, $8::float8, $9::float8, $10::float8, 4326))
      AND ($13::float8 IS NULL OR ST_DWithin(p.geom::geography, ST_SetSRID(ST_MakePoint($11::float8, $12::float8), 4326)::geography, $13))
    LIMIT $14::integer) counted
