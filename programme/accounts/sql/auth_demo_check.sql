-- True when everything in the record is a demo
SELECT EXISTS (SELECT FROM geo.data_set WHERE data_set = 'boundaries' AND is_demo) AND NOT EXISTS (SELECT FROM ocop.producer WHERE NOT is_demo)
