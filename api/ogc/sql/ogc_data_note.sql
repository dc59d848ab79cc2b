-- ogc_data_note(): one row; whether any record or any boundary is a sample, and where the data come from.
SELECT coalesce(bool_or(is_demo), false) AS has_demo,
       EXISTS (SELECT FROM pub.frame WHERE geometry_state = 'schematic') AS has_schematic,
       coalesce(string_agg(title_vi || ': ' || source || ' (' || licence || ')', '; ' ORDER BY data_set), '') AS sources_vi,
       coalesce(string_agg(title_en || ': ' || source || ' (' || licence || ')', '; ' ORDER BY data_set), '') AS sources_en
FROM pub.data_set;
