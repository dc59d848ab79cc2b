#pragma once

#include "gis_core/cql2/schema.hpp"

#include <string>
#include <vector>

namespace gis_core::cql2 {

/// The condition for a WHERE clause. Values are appended to `values` and stand as $1, $2, … in the text; the only names are
/// those of the schema. Needs the functions of migration 0110 and the geometry in EPSG:4326. \pre check() has run
std::string to_sql(Node const& filter, Schema const& schema, std::vector<std::string>& values);

}  // namespace gis_core::cql2
