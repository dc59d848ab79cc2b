-- field_counts(): how many rows each table of the record has, and how many of them carry each column
SELECT table_name, column_name, total, filled FROM pub.field_counts()
