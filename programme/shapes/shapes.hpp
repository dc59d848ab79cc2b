#pragma once

#include "gis_core/json.hpp"

#include <pqxx/transaction_base>

#include <string>
#include <string_view>
#include <vector>

/// Points and outlines out of a surveyor's file or a drawing, before they become part of a record.
namespace programme::shapes {

struct FileShape {
    std::string name;     // the file's own word for it, or its number
    std::string wkb_hex;  // OGC:CRS84
};

inline constexpr std::size_t kMostShapes = 200;

/// Reads GeoJSON, KML, KMZ, GeoPackage or a zipped Shapefile, told apart by content. epsg: what the coordinates are in; 0: what the file says.
/// \throws gis_core::Error(invalid_argument) with what is wrong; (payload_too_large) beyond kMostShapes.
std::vector<FileShape> read_file(std::string_view bytes, int epsg);

/// A GeoJSON FeatureCollection with, for each shape, name, area_ha on the ellipsoid, and problem: why PostGIS finds it invalid, or null.
gis_core::Json measured(pqxx::transaction_base& tx, std::vector<FileShape> const& shapes);

}  // namespace programme::shapes
