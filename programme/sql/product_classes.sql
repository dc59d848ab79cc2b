-- The 26 sets of the programme, in their order.
SELECT class_code, set_no, sector_vi, sector_en, name_vi, name_en FROM pub.product_class ORDER BY set_no
