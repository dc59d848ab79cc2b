-- Takes away what an earlier seed put in; rows that people entered stay.
DELETE FROM ocop.product_sales_point USING ocop.product p WHERE p.product_key = product_sales_point.product_key AND p.is_demo;
DELETE FROM ocop.product_zone USING ocop.product p WHERE p.product_key = product_zone.product_key AND p.is_demo;
DELETE FROM ocop.product WHERE is_demo;
DELETE FROM ocop.producer m WHERE is_demo AND NOT EXISTS (SELECT FROM ocop.product p WHERE p.producer_key = m.producer_key);
DELETE FROM ocop.sales_point WHERE is_demo;
DELETE FROM geo.zone WHERE is_demo;
DELETE FROM geo.data_set WHERE data_set = 'sample'
