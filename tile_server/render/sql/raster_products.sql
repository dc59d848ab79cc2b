-- raster_products($1..$4 west south east north in EPSG:3857, $5 side of a cell in metres): products by half-open cell; one
-- alone in its cell comes with its name. The box must lie on cell edges, else a cell at its edge would count in part.
SELECT cell.products, cell.x, cell.y, cell.star,
       CASE WHEN cell.products = 1 THEN (SELECT p.name FROM pub.product p WHERE p.product_key = cell.product_key) END AS name
FROM (SELECT floor(ST_X(geom_3857) / $5::float8) AS cell_x, floor(ST_Y(geom_3857) / $5::float8) AS cell_y, count(*) AS products,
             avg(ST_X(geom_3857)) AS x, avg(ST_Y(geom_3857)) AS y, coalesce(max(star), 0) AS star, min(product_key) AS product_key
      FROM tile.product
      WHERE geom_3857 && ST_MakeEnvelope($1, $2, $3, $4, 3857)
        AND ST_X(geom_3857) >= $1 AND ST_X(geom_3857) < $3 AND ST_Y(geom_3857) >= $2 AND ST_Y(geom_3857) < $4
      GROUP BY 1, 2) AS cell
ORDER BY cell.cell_y DESC, cell.cell_x
