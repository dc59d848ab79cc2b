-- Communes of today, as a list to choose from
SELECT code, name FROM pub.commune ORDER BY short_name COLLATE pub.vi, code
