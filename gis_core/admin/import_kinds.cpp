#include "gis_core/admin/import_kinds.hpp"

#include "gis_core/admin/sql/statements.hpp"

namespace gis_core::admin {

std::vector<io::ImportKind> const& import_kinds() {
    using Geometry = io::ImportKind::Geometry;
    static std::vector<io::ImportKind> const kKinds{
        {"communes", Geometry::polygon, true, {"name"}, sql::import_units_check, sql::import_units_merge, {{"level", "commune"}}, true},
        {"districts", Geometry::polygon, true, {"code", "name"}, sql::import_units_check, sql::import_units_merge, {{"level", "district"}}, true},
        {"provinces", Geometry::polygon, true, {"code", "name"}, sql::import_units_check, sql::import_units_merge, {{"level", "province"}}, true},
        {"zones", Geometry::polygon, true, {"code", "name", "crop", "valid_from"}, sql::import_zones_check, sql::import_zones_merge, {}, false},
        {"context", Geometry::line, true, {"kind|class"}, sql::import_context_check, sql::import_context_merge, {}, false}};
    return kKinds;
}

}  // namespace gis_core::admin
