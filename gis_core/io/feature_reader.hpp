#pragma once

#include "gis_core/json.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::io {

/// One feature as it came: text values in the order of FeatureReader::fields(), geometry in OGC:CRS84.
struct Feature {
    std::size_t line = 0;  // line of the file (CSV), row of the sheet (XLSX), else the feature's number from 1
    std::vector<std::optional<std::string>> values;
    std::string wkb_hex;           // 2D; empty when there is no geometry
    std::string geometry_problem;  // why the geometry can't be used: "longitude and latitude are swapped", …
    std::string value;             // the coordinates the problem is about
};

struct ReadOptions {
    int epsg = 0;       // what the file's coordinates are in; 0: what the file says
    std::string layer;  // of a GeoPackage or KML with several; empty: the only one
};

/// "EPSG:9210" → 9210. \throws Error(invalid_argument) about that field.
int parse_epsg(std::string_view field, std::string_view text);

/// Reads GeoJSON, GeoPackage, Shapefile (also zipped), KML, KMZ, FlatGeobuf, CSV and XLSX. Coordinates come out in CRS84;
/// VN-2000 goes through crs::Vn2000Pipeline. Text is NFC and trimmed.
/// CSV and XLSX hold coordinates in columns lon and lat, longitude and latitude, kinh_do and vi_do, x/easting and y/northing,
/// east and north, or none at all; with coordinates they need options.epsg.
class FeatureReader {
public:
    /// \throws Error(invalid_argument): not a format we read, no CRS named, a CRS we can't place.
    FeatureReader(std::filesystem::path const& file, ReadOptions const& options);
    ~FeatureReader();
    FeatureReader(FeatureReader const&) = delete;
    FeatureReader& operator=(FeatureReader const&) = delete;

    std::string const& format() const;  // "GeoJSON", "CSV", …
    std::vector<std::string> const& fields() const;
    /// Whether its features may lie somewhere: a map file, or a table with coordinates.
    bool has_geometry() const;
    /// How many features there are, where the file says so without being read.
    std::optional<std::int64_t> count() const;
    /// Empty at the end. \throws Error(invalid_argument) when the file breaks off or a text is not UTF-8 (names the line).
    std::optional<Feature> next();

private:
    struct Source;
    std::unique_ptr<Source> source_;
};

/// A feature's geometry as GeoJSON, every digit of its coordinates kept. \throws Error(invalid_argument)
Json to_geojson(std::string const& wkb_hex);

}  // namespace gis_core::io
