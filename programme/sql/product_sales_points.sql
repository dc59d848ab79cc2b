-- Sales points of product $1 open on pub.at().
SELECT s.sales_point_key, s.name, s.kind, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat
FROM pub.product_sales_point ps JOIN pub.sales_point s USING (sales_point_key) WHERE ps.product_key = $1::bigint ORDER BY s.sales_point_key
