#pragma once

#include "gis_core/io/import.hpp"

namespace gis_core::admin {

/// communes, districts, provinces, zones, context.
std::vector<io::ImportKind> const& import_kinds();

}  // namespace gis_core::admin
