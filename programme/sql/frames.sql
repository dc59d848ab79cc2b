-- Every frame of boundaries, level by level, oldest first.
SELECT level, valid_from, valid_to, units, geometry_state, source FROM pub.frame ORDER BY level, valid_from
