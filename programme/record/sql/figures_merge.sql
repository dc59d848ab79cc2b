INSERT INTO geo.published_figure (subject, item, crop, unit_key, period, value, measure, source_url, note, is_demo)
SELECT subject, item, (SELECT c FROM unnest(o.crops) c WHERE c = ANY (string_to_array(item, '_')) LIMIT 1),
       unit_key, period, value_text::numeric, measure, source_url, note, o.is_demo
FROM figure_row, figure_option o WHERE problem IS NULL ORDER BY file, line, column_name;
INSERT INTO geo.data_set (data_set, title_vi, title_en, source, licence, is_demo, rows)
SELECT 'published-figures',
       CASE WHEN o.is_demo THEN 'Số liệu đăng báo mẫu (không có thật)' ELSE 'Số liệu theo báo chí (không phải số liệu chính thức)' END,
       CASE WHEN o.is_demo THEN 'Sample press figures (invented)' ELSE 'Figures printed in the press (not official)' END,
       CASE WHEN o.is_demo THEN 'ocopmap demo' ELSE 'press pages, see each figure' END, CASE WHEN o.is_demo THEN 'same as ocopmap' ELSE 'facts' END,
       o.is_demo, (SELECT count(*) FROM figure_row WHERE problem IS NULL)
FROM figure_option o WHERE EXISTS (SELECT FROM figure_row WHERE problem IS NULL)
