-- raster_products($1..$4 west south east north in EPSG:3857, $5 side of a cell in metres): products by half-open cell.
-- The box must lie on cell edges, else a cell at its edge would count in part.
SELECT floor(ST_X(geom_3857) / $5::float8) AS cell_x, floor(ST_Y(geom_3857) / $5::float8) AS cell_y,
       count(*) AS products, avg(ST_X(geom_3857)) AS x, avg(ST_Y(geom_3857)) AS y,
       coalesce(max(star), 0) AS star, min(name) AS name
FROM pub.product
WHERE geom_3857 && ST_MakeEnvelope($1, $2, $3, $4, 3857)
  AND ST_X(geom_3857) >= $1 AND ST_X(geom_3857) < $3 AND ST_Y(geom_3857) >= $2 AND ST_Y(geom_3857) < $4
GROUP BY 1, 2
ORDER BY 2 DESC, 1
