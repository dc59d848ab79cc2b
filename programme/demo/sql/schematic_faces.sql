-- schematic_faces($1 old codes, $2 longitudes, $3 latitudes, $4 shoreline WKT): one polygon a synthetic point, its cell of the
-- Voronoi diagram inside the shoreline. All edges are noded together on one grid (1e-6 degrees), so that neighbours share
-- every vertex and unions of cells leave no slivers.
CREATE TEMP TABLE schematic_face ON COMMIT DROP AS
WITH seed AS (
    SELECT code, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS here FROM unnest($1::text[], $2::float8[], $3::float8[]) AS s (code, lon, lat)),
shore AS (SELECT ST_GeomFromText($4, 4326) AS geom),
cells AS (SELECT ST_VoronoiLines(ST_Collect(here), 0, (SELECT ST_Expand(geom, 0.2) FROM shore)) AS geom FROM seed),
noded AS (SELECT ST_UnaryUnion(ST_Collect(cells.geom, ST_Boundary(shore.geom)), 1e-6) AS geom FROM cells, shore),
face AS MATERIALIZED (SELECT geom, ST_PointOnSurface(geom) AS inside FROM (SELECT (ST_Dump(ST_Polygonize(geom))).geom FROM noded OFFSET 0) d)
SELECT (SELECT seed.code FROM seed ORDER BY seed.here <-> face.inside, seed.code LIMIT 1) AS code, face.geom
FROM face, shore WHERE ST_Contains(shore.geom, face.inside)
