#pragma once

#include "gis_core/json.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"

#include <cpl_conv.h>
#include <gdal.h>
#include <gtest/gtest.h>
#include <ogr_srs_api.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What the tests of tiles, maps and web services share.
namespace asking {

using gis_core::Json;
using test_support::get;

inline std::string at(std::string const& path) { return test_support::url() + path; }
inline std::string sql(std::string const& text) { return test_support::value(test_support::database(), text); }

inline test_support::Reply ok(std::string const& path, test_support::Headers const& headers = {}) {
    auto reply = get(at(path), headers);
    EXPECT_EQ(reply.status, 200) << path << ": " << reply.body.substr(0, 500);
    return reply;
}
inline Json json(std::string const& path) { return gis_core::parse_json(ok(path).body, path); }

inline std::string link(Json const& document, std::string const& rel, std::string const& type = {}) {
    for (auto const& one : document["links"]) {
        if (one["rel"] == rel && (type.empty() || one["type"] == type)) return one["href"].get<std::string>();
    }
    return {};
}
inline std::string ogc_rel(std::string const& name) { return "http://www.opengis.net/def/rel/ogc/1.0/" + name; }

struct DatasetCloser {
    void operator()(void* dataset) const noexcept { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<void, DatasetCloser>;

inline Dataset open(std::string const& name, unsigned kind, std::vector<char const*> options = {}) {
    GDALAllRegister();
    CPLSetConfigOption("GDAL_DEFAULT_WMS_CACHE_PATH", "/vsimem/wms");  // or it keeps what it read for the next run
    options.push_back(nullptr);
    return Dataset{GDALOpenEx(name.c_str(), kind | GDAL_OF_VERBOSE_ERROR, nullptr, options.data(), nullptr)};
}

/// Red, green and blue of a picture, whatever file it is.
struct Picture {
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgb;
    int red(int x, int y) const { return rgb[static_cast<std::size_t>((y * width + x) * 3)]; }
};
inline Picture decode(std::string const& bytes) {
    static int count = 0;
    auto const name = "/vsimem/picture-" + std::to_string(++count);
    auto copy = std::vector<GByte>(bytes.begin(), bytes.end());
    VSIFCloseL(VSIFileFromMemBuffer(name.c_str(), copy.data(), copy.size(), FALSE));
    Picture picture;
    if (auto const dataset = open(name, GDAL_OF_RASTER)) {
        picture.width = GDALGetRasterXSize(dataset.get()), picture.height = GDALGetRasterYSize(dataset.get());
        picture.rgb.resize(static_cast<std::size_t>(picture.width * picture.height * 3));
        auto* const first = GDALGetRasterBand(dataset.get(), 1);
        if (auto* const table = GDALGetRasterColorTable(first)) {
            std::vector<std::uint8_t> index(static_cast<std::size_t>(picture.width * picture.height));
            EXPECT_EQ(GDALRasterIO(first, GF_Read, 0, 0, picture.width, picture.height, index.data(), picture.width, picture.height, GDT_Byte, 0, 0), CE_None);
            for (std::size_t i = 0; i < index.size(); ++i) {
                auto const* const entry = GDALGetColorEntry(table, index[i]);
                picture.rgb[3 * i] = static_cast<std::uint8_t>(entry->c1), picture.rgb[3 * i + 1] = static_cast<std::uint8_t>(entry->c2),
                                picture.rgb[3 * i + 2] = static_cast<std::uint8_t>(entry->c3);
            }
        } else {
            EXPECT_EQ(GDALDatasetRasterIO(dataset.get(), GF_Read, 0, 0, picture.width, picture.height, picture.rgb.data(), picture.width, picture.height,
                                          GDT_Byte, 3, nullptr, 3, 3 * picture.width, 1),
                      CE_None);
        }
    }
    VSIUnlink(name.c_str());
    return picture;
}

/// Mean difference of a colour value, 0 to 255; 255 where the sizes differ.
inline double difference(Picture const& a, Picture const& b) {
    if (a.rgb.size() != b.rgb.size() || a.rgb.empty() || a.width != b.width) return 255;
    double sum = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(int{a.rgb[i]} - int{b.rgb[i]});
    return sum / static_cast<double>(a.rgb.size());
}
/// How many colours there are: a map has more than a plain ground.
inline std::size_t colours(Picture const& picture) {
    std::vector<std::uint32_t> all;
    for (std::size_t i = 0; i + 2 < picture.rgb.size(); i += 3)
        all.push_back((std::uint32_t{picture.rgb[i]} << 16U) | (std::uint32_t{picture.rgb[i + 1]} << 8U) | picture.rgb[i + 2]);
    std::sort(all.begin(), all.end());
    return static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
}

/// Longitude and latitude to another system by PROJ itself, with the parameters of EPSG:6960 for VN-2000.
class ByProj {
public:
    explicit ByProj(std::string const& definition) {
        from_ = OSRNewSpatialReference(nullptr), to_ = OSRNewSpatialReference(nullptr);
        EXPECT_EQ(OSRSetFromUserInput(from_, "OGC:CRS84"), OGRERR_NONE);
        EXPECT_EQ(OSRSetFromUserInput(to_, definition.c_str()), OGRERR_NONE);
        OSRSetAxisMappingStrategy(to_, OAMS_TRADITIONAL_GIS_ORDER);
        transform_ = OCTNewCoordinateTransformation(from_, to_);
    }
    ~ByProj() { OCTDestroyCoordinateTransformation(transform_), OSRDestroySpatialReference(from_), OSRDestroySpatialReference(to_); }
    ByProj(ByProj const&) = delete;
    ByProj& operator=(ByProj const&) = delete;
    std::pair<double, double> operator()(double lon, double lat) const {
        EXPECT_TRUE(OCTTransform(transform_, 1, &lon, &lat, nullptr));
        return {lon, lat};
    }

private:
    OGRSpatialReferenceH from_, to_;
    OGRCoordinateTransformationH transform_;
};
inline std::string vn2000(double meridian) {
    return "+proj=tmerc +lat_0=0 +lon_0=" + std::to_string(meridian) +
           " +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 "
           "+units=m "
           "+no_defs +type=crs";
}

}  // namespace asking
