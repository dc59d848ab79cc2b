#include "programme/area.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/parameters.hpp"
#include "programme/sql/statements.hpp"

#include <fmt/format.h>

namespace programme {
namespace {

using gis_core::Json;

constexpr std::size_t kMostPositions = 20'000;

gis_core::Error refuse(std::string const& where, std::string const& value, std::string const& allowed) {
    return gis_core::invalid_field(where, value, allowed);
}

void check_ring(Json const& ring, std::string const& where, std::size_t& positions) {
    if (!ring.is_array() || ring.size() < 4)
        throw refuse(where, fmt::format("{} positions", ring.is_array() ? ring.size() : 0), "a ring of at least four positions");
    positions += ring.size();
    if (positions > kMostPositions)
        throw refuse("geometry", fmt::format("more than {} positions", kMostPositions), fmt::format("at most {} positions", kMostPositions));
    for (std::size_t i = 0; i < ring.size(); ++i) {
        auto const& position = ring[i];
        auto const here = fmt::format("{}[{}]", where, i);
        if (!position.is_array() || position.size() < 2 || !position[0].is_number() || !position[1].is_number()) {
            throw refuse(here, gis_core::to_text(position), "a position [lon, lat]");
        }
        auto const lon = position[0].get<double>(), lat = position[1].get<double>();
        if (!(lon >= -180 && lon <= 180) || !(lat >= -90 && lat <= 90)) {
            bool const swapped = lat >= -180 && lat <= 180 && lon >= -90 && lon <= 90;
            throw refuse(here, gis_core::to_text(position),
                         swapped ? "longitude first, then latitude (these look swapped)" : "longitude -180 to 180, then latitude -90 to 90");
        }
    }
    if (ring.front() != ring.back()) throw refuse(where, "not closed", "closed: its last position equal to its first");
}

void check_polygon(Json const& polygon, std::string const& where, std::size_t& positions) {
    if (!polygon.is_array() || polygon.empty()) throw refuse(where, "empty", "an array of rings");
    for (std::size_t i = 0; i < polygon.size(); ++i) check_ring(polygon[i], fmt::format("{}[{}]", where, i), positions);
}

}  // namespace

std::string parse_area(std::string_view body) {
    if (body.empty()) throw refuse("body", "", "a GeoJSON Polygon or MultiPolygon, or a Feature of one");
    auto document = gis_core::parse_json(body, "the body");
    auto const member = [](Json const& object, char const* name) -> Json const& {
        static Json const none;
        if (!object.is_object()) return none;
        auto const found = object.find(name);
        return found == object.end() ? none : *found;
    };
    Json const& geometry = member(document, "type") == "Feature" ? member(document, "geometry") : document;
    Json const& type = member(geometry, "type");
    Json const& coordinates = member(geometry, "coordinates");
    std::size_t positions = 0;
    if (type == "Polygon") {
        check_polygon(coordinates, "coordinates", positions);
    } else if (type == "MultiPolygon") {
        if (!coordinates.is_array() || coordinates.empty()) throw refuse("coordinates", "empty", "an array of polygons");
        for (std::size_t i = 0; i < coordinates.size(); ++i) check_polygon(coordinates[i], fmt::format("coordinates[{}]", i), positions);
    } else {
        throw refuse("type", type.is_string() ? type.get<std::string>() : "absent", "Polygon, MultiPolygon, or Feature of one");
    }
    return gis_core::to_text(Json{{"type", type}, {"coordinates", coordinates}});
}

void require_valid_area(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& area_geojson) {
    auto const reason = execute(tx, session, sql::area_validity, Parameters{}.text(area_geojson))[0][0];
    if (!reason.is_null()) throw refuse("geometry", reason.as<std::string>(), "a valid polygon (OGC Simple Features)");
}

}  // namespace programme
