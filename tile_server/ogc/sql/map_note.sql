-- map_note(): one row; what a printed map says of its data, and the first day of which there are boundaries.
SELECT coalesce(bool_or(is_demo), false) AS has_demo,
       coalesce(string_agg(DISTINCT title_vi || ': ' || source, '; '), '') AS sources_vi,
       coalesce(string_agg(DISTINCT title_en || ': ' || source, '; '), '') AS sources_en,
       (SELECT min(valid_from) FROM pub.frame) AS since
FROM pub.data_set
