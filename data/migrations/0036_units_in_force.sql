-- The units in force on a day, without reading every version: rows are wide, and 48 of 463 communes are asked for.
-- The OR of pub's views becomes two ranges of this index. Locks geo.admin_unit for some milliseconds.
CREATE INDEX admin_unit_in_force ON geo.admin_unit (level, valid_to, valid_from);
