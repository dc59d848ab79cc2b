-- raster_frame(): the levels' spans of dates that have lines; nothing on a record without frames.
-- shown: the frame holds pub.at().
SELECT level::text AS level, valid_from, valid_to, geometry_state, source,
       valid_from <= pub.at() AND (valid_to IS NULL OR valid_to > pub.at()) AS shown
FROM pub.frame ORDER BY level, valid_from
