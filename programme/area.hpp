#pragma once

#include <string>
#include <string_view>

namespace gis_core::db {
class Session;
}
namespace pqxx {
class transaction_base;
}

namespace programme {

/// The polygon of a request body: a GeoJSON Polygon or MultiPolygon, or a Feature of one (RFC 7946), as one line that
/// PostGIS reads. \throws invalid_argument that names ring and position of what is wrong: not closed, fewer than four
/// positions, outside -180…180 and -90…90 (swapped longitude and latitude are called so), more than 20,000 positions.
std::string parse_area(std::string_view body);

/// \throws invalid_argument with PostGIS' reason when the polygon crosses itself.
void require_valid_area(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& area_geojson);

}  // namespace programme
