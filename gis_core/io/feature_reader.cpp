#include "gis_core/io/feature_reader.hpp"

#include "gis_core/crs/vn2000.hpp"
#include "gis_core/error.hpp"
#include "gis_core/geo/lon_lat.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <fmt/format.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <mutex>

namespace gis_core::io {
namespace {

namespace fs = std::filesystem;

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* handle) const noexcept {
        Free(handle);
    }
};
using Dataset = std::unique_ptr<void, Deleter<GDALClose>>;
using OgrFeature = std::unique_ptr<std::remove_pointer_t<OGRFeatureH>, Deleter<OGR_F_Destroy>>;
using Transformation = std::unique_ptr<std::remove_pointer_t<OGRCoordinateTransformationH>, Deleter<OCTDestroyCoordinateTransformation>>;

[[noreturn]] void refuse(std::string const& why) { throw Error{ErrorKind::invalid_argument, why}; }

std::string lower_extension(fs::path const& file) {
    auto extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

/// Mainland, islands and sea of Vietnam.
bool in_vietnam(LonLat p) { return p.lon > 101 && p.lon < 118 && p.lat > 6 && p.lat < 24; }

std::optional<double> to_number(std::string text) {
    std::erase(text, ' ');
    if (std::count(text.begin(), text.end(), ',') == 1 && text.find('.') == std::string::npos) std::replace(text.begin(), text.end(), ',', '.');
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Brings a pair (east or longitude first) to CRS84, or says why it can't.
class ToLonLat {
public:
    explicit ToLonLat(int epsg) : epsg_{epsg} {
        if (epsg == 4326) return;
        if (crs::find_vn2000(epsg)) {
            vn2000_ = std::make_unique<crs::Vn2000Pipeline>(epsg);
            return;
        }
        auto* from = OSRNewSpatialReference(nullptr);
        auto* to = OSRNewSpatialReference(nullptr);
        auto const known = OSRImportFromEPSG(from, epsg) == OGRERR_NONE && OSRImportFromEPSG(to, 4326) == OGRERR_NONE;
        if (known) {
            OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
            OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
            other_.reset(OCTNewCoordinateTransformation(from, to));
        }
        OSRRelease(from);
        OSRRelease(to);
        if (!other_) throw invalid_field("--crs", fmt::format("EPSG:{}", epsg), "a code PROJ knows, such as EPSG:4326 or EPSG:9210");
    }
    LonLat transform(double x, double y) const {
        if (vn2000_) return vn2000_->to_lon_lat({x, y});
        if (other_) OCTTransform(other_.get(), 1, &x, &y, nullptr);
        return {x, y};
    }
    /// Empty when p is good.
    std::string problem(double x, double y, LonLat p) const {
        if (!std::isfinite(x) || !std::isfinite(y)) return "a coordinate is not a number";
        if (in_vietnam(p)) return {};
        auto const swapped = try_transform(y, x);
        if (swapped && in_vietnam(*swapped)) {
            return epsg_ == 4326 || epsg_ == 4756 ? "longitude and latitude are swapped: longitude comes first"
                                                  : "easting and northing are swapped (in survey files X is the northing)";
        }
        return fmt::format("the position lies outside Vietnam when read as EPSG:{}; is that the right CRS?", epsg_);
    }
    std::optional<LonLat> try_transform(double x, double y) const {
        try {
            return transform(x, y);
        } catch (Error const&) {
            return std::nullopt;
        }
    }

private:
    int epsg_;
    std::unique_ptr<crs::Vn2000Pipeline> vn2000_;
    Transformation other_;
};

std::string hex_of(std::vector<unsigned char> const& bytes) {
    static char constexpr kDigits[] = "0123456789ABCDEF";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (auto const byte : bytes) {
        hex += kDigits[byte >> 4U];
        hex += kDigits[byte & 15U];
    }
    return hex;
}

std::string wkb_hex(OGRGeometryH geometry) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(OGR_G_WkbSize(geometry)));
    OGR_G_ExportToIsoWkb(geometry, wkbNDR, bytes.data());
    return hex_of(bytes);
}

std::string point_wkb_hex(LonLat p) {
    auto* geometry = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(geometry, 0, p.lon, p.lat);
    auto hex = wkb_hex(geometry);
    OGR_G_DestroyGeometry(geometry);
    return hex;
}

/// Transforms every vertex in place; the first problem found, and the pair it is about.
std::pair<std::string, std::string> transform_geometry(OGRGeometryH geometry, ToLonLat const& to) {
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); ++i) {
        auto found = transform_geometry(OGR_G_GetGeometryRef(geometry, i), to);
        if (!found.first.empty()) return found;
    }
    if (OGR_G_GetGeometryCount(geometry) > 0) return {};
    for (int i = 0; i < OGR_G_GetPointCount(geometry); ++i) {
        auto const x = OGR_G_GetX(geometry, i), y = OGR_G_GetY(geometry, i);
        auto const p = to.try_transform(x, y);
        auto const problem = to.problem(x, y, p.value_or(LonLat{x, y}));
        if (!problem.empty()) return {problem, fmt::format("{}, {}", x, y)};
        OGR_G_SetPoint_2D(geometry, i, p->lon, p->lat);
    }
    return {};
}

int epsg_of(OGRSpatialReferenceH srs) {
    if (srs == nullptr) return 0;
    auto const* authority = OSRGetAuthorityName(srs, nullptr);
    auto const* code = OSRGetAuthorityCode(srs, nullptr);
    if (authority == nullptr || code == nullptr) return -1;
    std::string_view const name{authority};
    if (name == "EPSG") return std::atoi(code);
    if (name == "OGC") return 4326;  // CRS84
    return -1;
}

std::string cleaned(std::string_view text, std::size_t line, std::string const& field) {
    try {
        return text::to_nfc(text);
    } catch (Error const&) {
        throw Error{ErrorKind::invalid_argument,
                    fmt::format("line {}, field {}: the text is not UTF-8", line, field),
                    {{fmt::format("line {}, field {}", line, field), {}, "UTF-8 text"}}};
    }
}

std::string folded_name(std::string const& name) {
    auto key = text::fold(name);
    std::replace(key.begin(), key.end(), ' ', '_');
    return key;
}

}  // namespace

struct FeatureReader::Source {
    std::string format;
    std::vector<std::string> fields;
    std::function<std::optional<Feature>()> next;
    // kept alive for next
    Dataset dataset;
    OGRLayerH layer = nullptr;
    CsvTable table;
    std::size_t row = 0;
    std::unique_ptr<ToLonLat> to_lon_lat;

    void open_table(fs::path const& file, ReadOptions const& options) {
        auto column = [&](std::initializer_list<char const*> names) -> std::optional<std::size_t> {
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                auto const key = folded_name(table.columns[i]);
                if (std::any_of(names.begin(), names.end(), [&](auto const* name) { return key == name; })) return i;
            }
            return std::nullopt;
        };
        auto const east = column({"lon", "lng", "long", "longitude", "kinh_do", "easting", "east", "x"});
        auto const north = column({"lat", "latitude", "vi_do", "northing", "north", "y"});
        auto const both = east && north;
        if (both) {
            if (options.epsg == 0) {
                refuse(
                    fmt::format("{} has coordinates ({}, {}) but does not say in which system: add --crs EPSG:4326 for WGS 84, or VN-2000 with its "
                                "meridian, such as --crs EPSG:9210 (105°45')",
                                file.filename().string(), table.columns[*east], table.columns[*north]));
            }
            to_lon_lat = std::make_unique<ToLonLat>(options.epsg);
        }
        fields = table.columns;
        next = [this, east, north, both]() -> std::optional<Feature> {
            if (row == table.rows.size()) return std::nullopt;
            auto const& source = table.rows[row++];
            Feature feature;
            feature.line = source.line;
            for (std::size_t i = 0; i < source.values.size(); ++i) {
                auto text = cleaned(source.values[i], source.line, table.columns[i]);
                feature.values.push_back(text.empty() ? std::nullopt : std::optional{std::move(text)});
            }
            if (!both || (source.values[*east].empty() && source.values[*north].empty())) return feature;
            feature.value = source.values[*east] + ", " + source.values[*north];
            auto const x = to_number(source.values[*east]), y = to_number(source.values[*north]);
            if (!x || !y) {
                feature.geometry_problem = "a coordinate is not a number";
                return feature;
            }
            auto const p = to_lon_lat->try_transform(*x, *y);
            feature.geometry_problem = to_lon_lat->problem(*x, *y, p.value_or(LonLat{*x, *y}));
            if (feature.geometry_problem.empty()) feature.wkb_hex = point_wkb_hex(*p);
            return feature;
        };
    }

    void open_ogr(fs::path const& file, ReadOptions const& options) {
        static std::once_flag once;
        std::call_once(once, [] {
            GDALAllRegister();
            CPLSetConfigOption("OGR_XLSX_HEADERS", "FORCE");  // the first row names the columns, also where all is text
        });
        auto const extension = lower_extension(file);
        auto path = file.string();
        if (extension == ".zip") path = "/vsizip/" + fs::absolute(file).string();
        static char const* const kDrivers[] = {"GeoJSON", "GPKG", "ESRI Shapefile", "LIBKML", "KML", "FlatGeobuf", "XLSX", nullptr};
        CPLPushErrorHandler(CPLQuietErrorHandler);
        CPLErrorReset();
        dataset.reset(GDALOpenEx(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY, kDrivers, nullptr, nullptr));
        CPLPopErrorHandler();
        if (!dataset) {
            refuse(fmt::format("{} is not a file we read (GeoJSON, GeoPackage, zipped Shapefile, KML/KMZ, FlatGeobuf, CSV, XLSX){}", file.filename().string(),
                               extension == ".json" ? ": it is JSON but not GeoJSON" : ""));
        }
        auto const layers = GDALDatasetGetLayerCount(dataset.get());
        if (!options.layer.empty()) layer = GDALDatasetGetLayerByName(dataset.get(), options.layer.c_str());
        else if (layers >= 1) layer = GDALDatasetGetLayer(dataset.get(), 0);
        if (layer == nullptr ||
            (layers > 1 && options.layer.empty() && std::string_view{GDALGetDriverShortName(GDALGetDatasetDriver(dataset.get()))} == "GPKG")) {
            std::string names;
            for (int i = 0; i < layers; ++i) names += std::string{i ? ", " : ""} + OGR_L_GetName(GDALDatasetGetLayer(dataset.get(), i));
            refuse(fmt::format("{} holds the layers {}: choose one with --layer", file.filename().string(), names.empty() ? "(none)" : names));
        }
        format = GDALGetDriverShortName(GDALGetDatasetDriver(dataset.get()));
        auto* definition = OGR_L_GetLayerDefn(layer);
        for (int i = 0; i < OGR_FD_GetFieldCount(definition); ++i) fields.emplace_back(OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i)));

        if (format == "XLSX") {
            read_sheet();
            open_table(file, options);
            return;
        }
        auto const declared = epsg_of(OGR_L_GetSpatialRef(layer));
        auto epsg = options.epsg;
        auto const is_wgs84_format = format == "GeoJSON" || format == "LIBKML" || format == "KML";
        if (epsg == 0) {
            if (declared > 0) epsg = declared;
            else if (declared == 0 && is_wgs84_format) epsg = 4326;
            else if (declared == 0) {
                refuse(
                    fmt::format("{} does not say in which system its coordinates are (no .prj or CRS): add --crs EPSG:4326 for WGS 84, or VN-2000 with "
                                "its meridian, such as --crs EPSG:9210 (105°45')",
                                file.filename().string()));
            } else {
                refuse(
                    fmt::format("{} names a coordinate system without an EPSG code ({}): say which it is with --crs, such as --crs EPSG:9210 for VN-2000 / "
                                "TM-3 105°45'",
                                file.filename().string(), OSRGetName(OGR_L_GetSpatialRef(layer))));
            }
        } else if (declared > 0 && declared != epsg && !is_wgs84_format) {
            refuse(fmt::format("{} says EPSG:{}, --crs says EPSG:{}", file.filename().string(), declared, epsg));
        }
        to_lon_lat = std::make_unique<ToLonLat>(epsg);
        OGR_L_ResetReading(layer);
        next = [this]() -> std::optional<Feature> {
            CPLPushErrorHandler(CPLQuietErrorHandler);
            CPLErrorReset();
            OgrFeature const ogr{OGR_L_GetNextFeature(layer)};
            auto const broken = !ogr && CPLGetLastErrorType() == CE_Failure;
            std::string const why = broken ? CPLGetLastErrorMsg() : "";
            CPLPopErrorHandler();
            if (broken) refuse(fmt::format("the file breaks off after feature {}: {}", row, why));
            if (!ogr) return std::nullopt;
            Feature feature;
            feature.line = ++row;
            for (int i = 0; i < static_cast<int>(fields.size()); ++i) {
                if (!OGR_F_IsFieldSetAndNotNull(ogr.get(), i)) {
                    feature.values.emplace_back();
                    continue;
                }
                auto text = cleaned(OGR_F_GetFieldAsString(ogr.get(), i), row, fields[static_cast<std::size_t>(i)]);
                feature.values.push_back(text.empty() ? std::nullopt : std::optional{std::move(text)});
            }
            auto* geometry = OGR_F_GetGeometryRef(ogr.get());
            if (geometry == nullptr || OGR_G_IsEmpty(geometry)) return feature;
            OGR_G_FlattenTo2D(geometry);
            std::tie(feature.geometry_problem, feature.value) = transform_geometry(geometry, *to_lon_lat);
            if (feature.geometry_problem.empty()) feature.wkb_hex = wkb_hex(geometry);
            return feature;
        };
    }

    /// A sheet becomes the same table as a CSV; row numbers are those of the sheet (the header is row 1).
    void read_sheet() {
        table.columns = fields;
        std::size_t line = 1;
        for (;;) {
            OgrFeature const ogr{OGR_L_GetNextFeature(layer)};
            if (!ogr) break;
            CsvRow sheet_row{++line, {}};
            for (int i = 0; i < static_cast<int>(fields.size()); ++i) {
                sheet_row.values.emplace_back(OGR_F_IsFieldSetAndNotNull(ogr.get(), i) ? OGR_F_GetFieldAsString(ogr.get(), i) : "");
            }
            table.rows.push_back(std::move(sheet_row));
        }
    }
};

namespace {

using OgrGeometry = std::unique_ptr<std::remove_pointer_t<OGRGeometryH>, Deleter<OGR_G_DestroyGeometry>>;

Json coordinates_of(OGRGeometryH geometry) {
    auto out = Json::array();
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); ++i) out.push_back(coordinates_of(OGR_G_GetGeometryRef(geometry, i)));
    for (int i = 0; i < OGR_G_GetPointCount(geometry); ++i) out.push_back(Json::array({OGR_G_GetX(geometry, i), OGR_G_GetY(geometry, i)}));
    return out;
}

}  // namespace

int parse_epsg(std::string_view field, std::string_view text) {
    auto code = text;
    if (text == "WGS84" || text == "OGC:CRS84") return 4326;
    if (code.starts_with("EPSG:") || code.starts_with("epsg:")) code.remove_prefix(5);
    if (code.empty() || code.size() > 6 || code.find_first_not_of("0123456789") != std::string_view::npos)
        throw invalid_field(field, text, "a code such as EPSG:4326 (WGS 84) or EPSG:9210 (VN-2000, 105°45')");
    return std::stoi(std::string{code});
}

Json to_geojson(std::string const& wkb_hex) {
    int size = 0;
    std::unique_ptr<GByte, Deleter<VSIFree>> const bytes{CPLHexToBinary(wkb_hex.c_str(), &size)};
    OGRGeometryH read = nullptr;
    if (OGR_G_CreateFromWkb(bytes.get(), nullptr, &read, size) != OGRERR_NONE) refuse("the geometry cannot be read");
    OgrGeometry const geometry{read};
    auto coordinates = coordinates_of(read);
    auto const type = OGR_GT_Flatten(OGR_G_GetGeometryType(read));
    if (type == wkbPoint) coordinates = coordinates.empty() ? coordinates : coordinates[0];
    auto const* const name = type == wkbPoint          ? "Point"
                             : type == wkbPolygon      ? "Polygon"
                             : type == wkbMultiPolygon ? "MultiPolygon"
                                                       : OGR_G_GetGeometryName(read);
    return {{"type", name}, {"coordinates", std::move(coordinates)}};
}

FeatureReader::FeatureReader(fs::path const& file, ReadOptions const& options) : source_{std::make_unique<Source>()} {
    if (!fs::is_regular_file(file)) refuse(fmt::format("there is no file {}", file.string()));
    auto const extension = lower_extension(file);
    if (extension == ".csv" || extension == ".tsv") {
        source_->format = "CSV";
        source_->table = read_csv(file);
        source_->open_table(file, options);
    } else {
        source_->open_ogr(file, options);
    }
}
FeatureReader::~FeatureReader() = default;
std::string const& FeatureReader::format() const { return source_->format; }
std::vector<std::string> const& FeatureReader::fields() const { return source_->fields; }
bool FeatureReader::has_geometry() const { return source_->to_lon_lat != nullptr; }
std::optional<std::int64_t> FeatureReader::count() const {
    if (source_->next && (source_->format == "CSV" || source_->format == "XLSX")) return static_cast<std::int64_t>(source_->table.rows.size());
    auto const known = OGR_L_GetFeatureCount(source_->layer, FALSE);
    return known < 0 ? std::nullopt : std::optional<std::int64_t>{known};
}
std::optional<Feature> FeatureReader::next() { return source_->next(); }

}  // namespace gis_core::io
