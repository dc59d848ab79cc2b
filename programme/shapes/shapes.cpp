#include "programme/shapes/shapes.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/feature_reader.hpp"
#include "gis_core/io/table_file.hpp"
#include "gis_core/io/upload.hpp"
#include "programme/shapes/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <fstream>

namespace programme::shapes {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;

namespace {

/// How the reader tells formats apart: by the name's end, which content decides here.
std::string_view ending_of(std::string_view bytes) {
    if (bytes.starts_with("PK\x03\x04")) return bytes.find(".kml") < 4096 ? "kmz" : "zip";
    if (bytes.starts_with("SQLite format 3")) return "gpkg";
    auto const begin = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (begin != std::string_view::npos && bytes[begin] == '{') return "geojson";
    if (begin != std::string_view::npos && bytes[begin] == '<') return "kml";
    throw Error{ErrorKind::unsupported_media, "the file is none that holds shapes: GeoJSON, KML, KMZ, GeoPackage or a zipped Shapefile"};
}

}  // namespace

std::vector<FileShape> read_file(std::string_view bytes, int epsg) {
    if (bytes.starts_with("PK\x03\x04")) gis_core::io::check_archive(bytes);
    gis_core::io::TemporaryFile const file{fmt::format("shape.{}", ending_of(bytes))};
    {
        std::ofstream out{file.path(), std::ios::binary};
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!out.flush()) throw Error{ErrorKind::internal, "the file could not be kept for reading"};
    }
    gis_core::io::FeatureReader reader{file.path(), {.epsg = epsg, .layer = {}}};
    auto const& fields = reader.fields();
    auto const named = std::find_if(fields.begin(), fields.end(), [](std::string const& f) { return f == "name" || f == "Name" || f == "ten" || f == "code"; });
    std::vector<FileShape> out;
    while (auto feature = reader.next()) {
        if (!feature->geometry_problem.empty())
            throw Error{ErrorKind::invalid_argument,
                        fmt::format("shape {}: {}", feature->line, feature->geometry_problem),
                        {{fmt::format("shape {}", feature->line), feature->value, feature->geometry_problem}}};
        if (feature->wkb_hex.empty()) continue;
        if (out.size() == kMostShapes)
            throw Error{ErrorKind::payload_too_large, fmt::format("the file holds more than {} shapes; a list of records is imported", kMostShapes)};
        auto const at = static_cast<std::size_t>(named - fields.begin());
        auto const& name = named == fields.end() ? std::nullopt : feature->values.at(at);
        out.push_back({name.value_or(std::to_string(feature->line)), std::move(feature->wkb_hex)});
    }
    if (out.empty()) throw Error{ErrorKind::invalid_argument, "the file holds no shape"};
    return out;
}

Json measured(pqxx::transaction_base& tx, std::vector<FileShape> const& shapes) {
    auto features = Json::array();
    for (auto const& shape : shapes) {
        auto const row = tx.exec_params1(sql::shape_measured.text, shape.wkb_hex);
        features.push_back(
            {{"type", "Feature"},
             {"properties",
              {{"name", shape.name}, {"area_ha", row[1].as<double>()}, {"problem", row[2].is_null() ? Json(nullptr) : Json(row[2].as<std::string>())}}},
             {"geometry", gis_core::parse_json(row[0].as<std::string>(), "geometry")}});
    }
    return {{"type", "FeatureCollection"}, {"features", std::move(features)}};
}

}  // namespace programme::shapes
