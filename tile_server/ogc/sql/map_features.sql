-- map_features($1..$4 west south east north in EPSG:3857, $5 rows at most): what of a layer stands at a place. {…} come from the catalogue.
SELECT v.{key} AS id, jsonb_build_object({properties})::text AS properties
FROM {view} v WHERE ST_Intersects(v.{geometry}, {shape}) ORDER BY 1 LIMIT $5::int
