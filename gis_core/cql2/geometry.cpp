#include "gis_core/cql2/geometry.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace gis_core::cql2 {
namespace {

using GeometryKind = Geometry::Kind;

struct KindName {
    GeometryKind kind;
    char const* wkt;
    char const* geojson;
    GeometryKind part;  // what its parts are; itself where it is a leaf
};
constexpr std::array kKinds{
    KindName{GeometryKind::point, "POINT", "Point", GeometryKind::point},
    KindName{GeometryKind::line_string, "LINESTRING", "LineString", GeometryKind::line_string},
    KindName{GeometryKind::polygon, "POLYGON", "Polygon", GeometryKind::ring},
    KindName{GeometryKind::multi_point, "MULTIPOINT", "MultiPoint", GeometryKind::point},
    KindName{GeometryKind::multi_line_string, "MULTILINESTRING", "MultiLineString", GeometryKind::line_string},
    KindName{GeometryKind::multi_polygon, "MULTIPOLYGON", "MultiPolygon", GeometryKind::polygon},
    KindName{GeometryKind::collection, "GEOMETRYCOLLECTION", "GeometryCollection", GeometryKind::collection},
};

KindName const& names(GeometryKind kind) {
    for (auto const& known : kKinds) {
        if (known.kind == kind) return known;
    }
    throw std::logic_error{"a ring has no name"};
}

bool is_leaf(GeometryKind kind) { return kind == GeometryKind::point || kind == GeometryKind::line_string || kind == GeometryKind::ring; }

void write_body(Geometry const& geometry, std::string& out) {
    out += '(';
    if (is_leaf(geometry.kind)) {
        for (std::size_t i = 0; i < geometry.coordinates.size(); ++i) {
            if (i > 0) out += i % static_cast<std::size_t>(geometry.dimension) == 0 ? "," : " ";
            fmt::format_to(std::back_inserter(out), "{}", geometry.coordinates[i]);
        }
    } else {
        for (std::size_t i = 0; i < geometry.parts.size(); ++i) {
            if (i > 0) out += ',';
            if (geometry.kind == GeometryKind::collection) {
                out += to_wkt(geometry.parts[i]);
            } else {
                write_body(geometry.parts[i], out);
            }
        }
    }
    out += ')';
}

void read_position(Json const& json, Geometry& leaf) {
    if (!json.is_array() || json.size() < 2 || json.size() > 3) throw std::invalid_argument{"a position is an array of two or three numbers"};
    auto const dimension = static_cast<int>(json.size());
    if (!leaf.coordinates.empty() && dimension != leaf.dimension) throw std::invalid_argument{"positions have two numbers, or all of them three"};
    leaf.dimension = dimension;
    for (auto const& number : json) {
        if (!number.is_number()) throw std::invalid_argument{"a position is an array of two or three numbers"};
        leaf.coordinates.push_back(number.get<double>());
    }
}

Geometry read_coordinates(Json const& json, GeometryKind kind) {
    Geometry geometry;
    geometry.kind = kind;
    if (kind == GeometryKind::point) {
        read_position(json, geometry);
        return geometry;
    }
    if (!json.is_array()) throw std::invalid_argument{"coordinates are an array"};
    for (auto const& part : json) {
        if (is_leaf(kind)) {
            read_position(part, geometry);
        } else {
            geometry.parts.push_back(read_coordinates(part, names(kind).part));
            if (geometry.parts.front().dimension != geometry.parts.back().dimension) {
                throw std::invalid_argument{"positions have two numbers, or all of them three"};
            }
            geometry.dimension = geometry.parts.back().dimension;
        }
    }
    return geometry;
}

Json position(Geometry const& leaf, std::size_t at) {
    auto json = Json::array();
    for (int i = 0; i < leaf.dimension; ++i) json.push_back(leaf.coordinates[at + static_cast<std::size_t>(i)]);
    return json;
}

Json write_coordinates(Geometry const& geometry) {
    if (geometry.kind == GeometryKind::point) return position(geometry, 0);
    auto json = Json::array();
    if (is_leaf(geometry.kind)) {
        for (std::size_t i = 0; i < geometry.coordinates.size(); i += static_cast<std::size_t>(geometry.dimension)) json.push_back(position(geometry, i));
    } else {
        for (auto const& part : geometry.parts) json.push_back(write_coordinates(part));
    }
    return json;
}

Geometry rectangle(double west, double south, double east, double north) {
    Geometry ring{GeometryKind::ring, 2, {west, south, east, south, east, north, west, north, west, south}, {}};
    return {GeometryKind::polygon, 2, {}, {std::move(ring)}};
}

}  // namespace

std::size_t vertices(Geometry const& geometry) {
    auto count = geometry.coordinates.size() / static_cast<std::size_t>(geometry.dimension);
    for (auto const& part : geometry.parts) count += vertices(part);
    return count;
}

bool is_collection(Geometry const& geometry) { return geometry.kind == GeometryKind::collection; }

std::string to_wkt(Geometry const& geometry) {
    std::string out = names(geometry.kind).wkt;
    if (geometry.dimension == 3 && !is_collection(geometry)) out += " Z ";
    write_body(geometry, out);
    return out;
}

Geometry from_geojson(Json const& json, int depth) {
    if (depth <= 0) throw std::invalid_argument{"geometries are nested too deeply"};
    auto const type = json.find("type");
    if (type == json.end() || !type->is_string()) throw std::invalid_argument{"a geometry has a type"};
    for (auto const& known : kKinds) {
        if (known.geojson != type->get<std::string>()) continue;
        if (known.kind == GeometryKind::collection) {
            Geometry collection;
            collection.kind = known.kind;
            auto const members = json.find("geometries");
            if (members == json.end() || !members->is_array()) throw std::invalid_argument{"a GeometryCollection has geometries"};
            for (auto const& member : *members) {
                if (!member.is_object()) throw std::invalid_argument{"a geometry is an object"};
                collection.parts.push_back(from_geojson(member, depth - 1));
            }
            return collection;
        }
        auto const coordinates = json.find("coordinates");
        if (coordinates == json.end()) throw std::invalid_argument{"a geometry has coordinates"};
        return read_coordinates(*coordinates, known.kind);
    }
    throw std::invalid_argument{"Point, LineString, Polygon, MultiPoint, MultiLineString, MultiPolygon or GeometryCollection"};
}

Json to_geojson(Geometry const& geometry) {
    Json json{{"type", names(geometry.kind).geojson}};
    if (!is_collection(geometry)) {
        json["coordinates"] = write_coordinates(geometry);
        return json;
    }
    auto members = Json::array();
    for (auto const& part : geometry.parts) members.push_back(to_geojson(part));
    json["geometries"] = std::move(members);
    return json;
}

std::string incomplete(Geometry const& geometry) {
    auto const count = vertices(geometry);
    auto const& numbers = geometry.coordinates;
    for (double const number : numbers) {
        if (!std::isfinite(number)) return "numbers that are finite";
    }
    switch (geometry.kind) {
    case GeometryKind::point: return count == 1 ? "" : "one position";
    case GeometryKind::line_string: return count >= 2 ? "" : "a line of two positions or more";
    case GeometryKind::ring: {
        if (count < 4) return "a ring of four positions or more";
        auto const dimension = static_cast<std::size_t>(geometry.dimension);
        for (std::size_t i = 0; i < dimension; ++i) {
            if (numbers[i] != numbers[numbers.size() - dimension + i]) return "a ring that ends where it begins";
        }
        return "";
    }
    default: break;
    }
    if (geometry.parts.empty()) return "a geometry with at least one part";
    for (auto const& part : geometry.parts) {
        if (auto reason = incomplete(part); !reason.empty()) return reason;
    }
    return "";
}

Geometry from_box(std::vector<double> const& box) {
    auto const west = box[0], south = box[1], east = box[box.size() / 2], north = box[box.size() / 2 + 1];
    if (west <= east) return rectangle(west, south, east, north);
    return {GeometryKind::multi_polygon, 2, {}, {rectangle(west, south, 180, north), rectangle(-180, south, east, north)}};
}

Geometry densified_box(std::vector<double> const& box) {
    auto const corners = rectangle(box[0], box[1], box[box.size() / 2], box[box.size() / 2 + 1]).parts.front().coordinates;
    constexpr std::size_t kSteps = 16;
    Geometry ring{GeometryKind::ring, 2, {}, {}};
    for (std::size_t i = 0; i + 3 < corners.size(); i += 2) {
        for (std::size_t step = 0; step < kSteps; ++step) {
            auto const share = static_cast<double>(step) / kSteps;
            ring.coordinates.push_back(corners[i] + (corners[i + 2] - corners[i]) * share);
            ring.coordinates.push_back(corners[i + 1] + (corners[i + 3] - corners[i + 1]) * share);
        }
    }
    ring.coordinates.insert(ring.coordinates.end(), {corners[0], corners[1]});
    return {GeometryKind::polygon, 2, {}, {std::move(ring)}};
}

Geometry flattened(Geometry const& geometry, std::function<void(double& x, double& y)> const& move) {
    Geometry flat{geometry.kind, 2, {}, {}};
    for (std::size_t i = 0; i < geometry.coordinates.size(); i += static_cast<std::size_t>(geometry.dimension)) {
        auto x = geometry.coordinates[i], y = geometry.coordinates[i + 1];
        if (move) move(x, y);
        flat.coordinates.insert(flat.coordinates.end(), {x, y});
    }
    for (auto const& part : geometry.parts) flat.parts.push_back(flattened(part, move));
    return flat;
}

}  // namespace gis_core::cql2
