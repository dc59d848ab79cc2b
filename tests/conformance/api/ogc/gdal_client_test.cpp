// GDAL as the client of the running system: whatever it reads must be what PostGIS holds.
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"

#include <cpl_vsi.h>
#include <gdal.h>
#include <gdal_utils.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

namespace {

struct DatasetCloser {
    void operator()(void* dataset) const noexcept { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<void, DatasetCloser>;
struct FeatureDeleter {
    void operator()(void* feature) const noexcept { OGR_F_Destroy(feature); }
};
using Feature = std::unique_ptr<void, FeatureDeleter>;

Dataset open(std::string const& name, std::vector<char const*> options = {}) {
    options.push_back(nullptr);
    return Dataset{GDALOpenEx(name.c_str(), GDAL_OF_VECTOR | GDAL_OF_VERBOSE_ERROR, nullptr, options.data(), nullptr)};
}

std::string sql(std::string const& text) { return test_support::value(test_support::database(), text); }

/// What a layer holds: features, the sum of a number and of areas or coordinates.
struct Sums {
    long long features = 0, ids = 0;
    double area = 0, x = 0;
};
Sums read(OGRLayerH layer, char const* id_field = nullptr) {
    Sums sums;
    OGR_L_ResetReading(layer);
    for (Feature feature{OGR_L_GetNextFeature(layer)}; feature; feature.reset(OGR_L_GetNextFeature(layer))) {
        ++sums.features;
        if (id_field) sums.ids += OGR_F_GetFieldAsInteger64(feature.get(), OGR_F_GetFieldIndex(feature.get(), id_field));
        auto* geometry = OGR_F_GetGeometryRef(feature.get());
        if (!geometry) continue;
        if (OGR_G_GetDimension(geometry) == 2) sums.area += OGR_G_Area(geometry);
        if (wkbFlatten(OGR_G_GetGeometryType(geometry)) == wkbPoint) sums.x += OGR_G_GetX(geometry, 0);
    }
    return sums;
}

class GdalClientTest : public testing::Test {
protected:
    GdalClientTest() { GDALAllRegister(); }
    std::string const oapif_ = "OAPIF:" + test_support::url() + "/ogc";
    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("ocopmap-gdal-" + std::to_string(getpid()));
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string download(std::string const& target, std::string const& name) {
        auto const reply = test_support::get(test_support::url() + target);
        EXPECT_EQ(reply.status, 200) << target << ": " << reply.body.substr(0, 500);
        auto const path = (folder_ / name).string();
        std::ofstream{path, std::ios::binary} << reply.body;
        return path;
    }
};

// /req/core/fc-op, /req/core/fc-links (next): every collection, page after page.
TEST_F(GdalClientTest, OapifReadsEveryCollectionThroughItsPages) {
    auto const dataset = open(oapif_, {"PAGE_SIZE=37"});
    ASSERT_TRUE(dataset);
    for (auto const& [id, view] : std::vector<std::pair<std::string, std::string>>{
             {"provinces", "pub.province"},
             {"communes", "pub.commune"},
             {"zones", "pub.zone"},
             {"producers", "pub.producer"},
             {"products", "pub.product"},
             {"sales_points", "pub.sales_point"},
             {"shoreline", "pub.shoreline"},
             {"rivers", "pub.river"},
             {"districts", "pub.district_version WHERE valid_to = (SELECT max(valid_to) FROM pub.district_version)"}}) {
        auto* layer = GDALDatasetGetLayerByName(dataset.get(), id.c_str());
        ASSERT_NE(layer, nullptr) << id;
        auto const sums = read(layer);
        EXPECT_EQ(std::to_string(sums.features), sql("SELECT count(*) FROM " + view)) << id;
        EXPECT_NEAR(sums.area, std::stod(sql("SELECT coalesce(sum(ST_Area(geom)), 0) FROM " + view)), 1e-5) << id;
    }
}

// /req/core/fc-bbox-response
TEST_F(GdalClientTest, OapifFiltersByBox) {
    auto const dataset = open(oapif_);
    ASSERT_TRUE(dataset);
    for (auto const& [id, view] :
         std::vector<std::pair<std::string, std::string>>{{"communes", "pub.commune"}, {"products", "pub.product"}, {"zones", "pub.zone"}}) {
        auto* layer = GDALDatasetGetLayerByName(dataset.get(), id.c_str());
        ASSERT_NE(layer, nullptr);
        OGR_L_SetSpatialFilterRect(layer, 106.25, 10.05, 106.5, 10.25);
        EXPECT_EQ(std::to_string(read(layer).features),
                  sql("SELECT count(*) FROM " + view + " WHERE ST_Intersects(geom, ST_MakeEnvelope(106.25, 10.05, 106.5, 10.25, 4326))"))
            << id;
    }
}

// /req/core/fc-time-response: GDAL's GeoJSON driver on the address itself.
TEST_F(GdalClientTest, GeoJsonOfAnotherDayHasTheUnitsOfThatDay) {
    auto const dataset = open(test_support::url() + "/ogc/collections/communes/items?f=json&limit=10000&datetime=2025-06-30");
    ASSERT_TRUE(dataset);
    EXPECT_EQ(std::to_string(read(GDALDatasetGetLayer(dataset.get(), 0)).features),
              sql("SELECT count(*) FROM geo.admin_unit WHERE level = 'commune' AND valid_from <= '2025-06-30' AND valid_to > '2025-06-30'"));
}

/// What a feature says, as GDAL writes it: an array of texts, which GeoPackage does not have, comes back as the text that it had.
std::map<std::string, std::string> said_by(OGRFeatureH feature) {
    std::map<std::string, std::string> out;
    for (int i = 0; i < OGR_F_GetFieldCount(feature); ++i) {
        out[OGR_Fld_GetNameRef(OGR_F_GetFieldDefnRef(feature, i))] = OGR_F_IsFieldSetAndNotNull(feature, i) ? OGR_F_GetFieldAsString(feature, i) : "(null)";
    }
    return out;
}

TEST_F(GdalClientTest, TranslatedToGeoPackageAndBackNothingIsLost) {
    for (auto const& [id, view] : std::vector<std::pair<std::string, std::string>>{
             {"communes", "pub.commune"}, {"products", "pub.product"}, {"producers", "pub.producer"}, {"zones", "pub.zone"}}) {
        auto const source = open(oapif_);
        ASSERT_TRUE(source);
        auto const path = (folder_ / (id + ".gpkg")).string();
        char const* arguments[] = {"-f", "GPKG", "-preserve_fid", id.c_str(), nullptr};
        auto* options = GDALVectorTranslateOptionsNew(const_cast<char**>(arguments), nullptr);
        GDALDatasetH from = source.get();
        Dataset{GDALVectorTranslate(path.c_str(), nullptr, 1, &from, options, nullptr)};
        GDALVectorTranslateOptionsFree(options);
        auto const back = open(path);
        ASSERT_TRUE(back) << id;
        auto* const kept = GDALDatasetGetLayer(back.get(), 0);
        auto const sums = read(kept);
        EXPECT_EQ(std::to_string(sums.features), sql("SELECT count(*) FROM " + view)) << id;
        EXPECT_NEAR(sums.area, std::stod(sql("SELECT coalesce(sum(ST_Area(geom)), 0) FROM " + view)), 1e-5) << id;
        auto* const given = GDALDatasetGetLayerByName(source.get(), id.c_str());
        OGR_L_ResetReading(given);
        for (Feature feature{OGR_L_GetNextFeature(given)}; feature; feature.reset(OGR_L_GetNextFeature(given))) {
            Feature const again{OGR_L_GetFeature(kept, OGR_F_GetFID(feature.get()))};
            ASSERT_TRUE(again) << id << " " << OGR_F_GetFID(feature.get());
            EXPECT_EQ(said_by(again.get()), said_by(feature.get())) << id << " " << OGR_F_GetFID(feature.get());
            auto *const before = OGR_F_GetGeometryRef(feature.get()), *const after = OGR_F_GetGeometryRef(again.get());
            EXPECT_TRUE(before == nullptr ? after == nullptr : after != nullptr && OGR_G_Equals(before, after)) << id << " " << OGR_F_GetFID(feature.get());
        }
    }
}

TEST_F(GdalClientTest, EveryExportFormatHoldsTheFilteredRows) {
    auto const where = std::string{" FROM pub.product WHERE star = 4 AND geom IS NOT NULL"};
    for (std::string const format : {"gpkg", "fgb", "kml", "xlsx", "geojson", "csv"}) {
        auto const path = download("/ogc/collections/products/items?star=4&f=" + format, "products." + format);
        auto const dataset = open(path);
        ASSERT_TRUE(dataset) << format;
        auto* layer = GDALDatasetGetLayer(dataset.get(), 0);
        auto const sums = read(layer, "id");
        EXPECT_EQ(std::to_string(sums.features), sql(format == "fgb" ? "SELECT count(*)" + where : "SELECT count(*) FROM pub.product WHERE star = 4"))
            << format;
        if (format != "geojson" && format != "fgb") {
            EXPECT_EQ(std::to_string(sums.ids), sql("SELECT sum(product_key) FROM pub.product WHERE star = 4")) << format;
        }
        if (format != "xlsx" && format != "csv") {
            EXPECT_NEAR(sums.x, std::stod(sql("SELECT sum(ST_X(geom))" + where)), 1e-4) << format;
        }
        // Samples are marked in every file.
        EXPECT_GE(OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), "is_demo"), 0) << format;
    }
}

TEST_F(GdalClientTest, TheFilteredListOfTheApiIsTheSameInEveryFile) {
    auto const expected = sql("SELECT count(*) FROM pub.product WHERE star = 5");
    for (std::string const format : {"gpkg", "kml", "xlsx", "csv", "geojson"}) {
        auto const dataset = open(download("/api/products." + format + "?star=5", "five." + format));
        ASSERT_TRUE(dataset) << format;
        EXPECT_EQ(std::to_string(OGR_L_GetFeatureCount(GDALDatasetGetLayer(dataset.get(), 0), 1)), expected) << format;
    }
}

// EPSG:9210 by the national parameters (EPSG:6960), to the millimetre.
TEST_F(GdalClientTest, FilesInVn2000HoldWhatPostgisComputes) {
    auto const dataset = open(download("/ogc/collections/sales_points/items?f=gpkg&crs=EPSG:9210", "vn2000.gpkg"));
    ASSERT_TRUE(dataset);
    auto* layer = GDALDatasetGetLayer(dataset.get(), 0);
    auto const srs = OGR_L_GetSpatialRef(layer);
    ASSERT_NE(srs, nullptr);
    EXPECT_STREQ(OSRGetAuthorityCode(srs, nullptr), "9210");
    Feature const feature{OGR_L_GetNextFeature(layer)};
    ASSERT_TRUE(feature);
    auto const id = std::to_string(OGR_F_GetFieldAsInteger64(feature.get(), OGR_F_GetFieldIndex(feature.get(), "id")));
    auto* geometry = OGR_F_GetGeometryRef(feature.get());
    EXPECT_NEAR(OGR_G_GetX(geometry, 0), std::stod(sql("SELECT ST_X(ST_Transform(geom, 990210)) FROM pub.sales_point WHERE sales_point_key = " + id)), 0.001);
    EXPECT_NEAR(OGR_G_GetY(geometry, 0), std::stod(sql("SELECT ST_Y(ST_Transform(geom, 990210)) FROM pub.sales_point WHERE sales_point_key = " + id)), 0.001);
}

// The tile of zoom 14 with the most products, read by GDAL's MVT driver over HTTP, which takes no gzip: from the daemon the first time, and once it is stored.
TEST_F(GdalClientTest, MvtReadsATileOfTheRunningServer) {
    auto const tile = test_support::query(test_support::database(),
                                          "SELECT floor((ST_X(geom_3857) + 20037508.342789244) / (2 * 20037508.342789244) * 16384)::int AS x,"
                                          "       floor((20037508.342789244 - ST_Y(geom_3857)) / (2 * 20037508.342789244) * 16384)::int AS y, count(*)"
                                          " FROM pub.product WHERE geom IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1")
                          .at(0);
    auto const address = test_support::url() + "/tiles/products/14/" + tile[0] + "/" + tile[1] + ".mvt";
    for (auto const* coding : {"br, gzip", "gzip", "identity"}) {
        ASSERT_EQ(test_support::get(address, {{"Accept-Encoding", coding}}).status, 200) << address;
        VSICurlClearCache();
        auto const dataset = open("MVT:/vsicurl/" + address);
        ASSERT_TRUE(dataset) << address;
        auto* layer = GDALDatasetGetLayerByName(dataset.get(), "products");
        ASSERT_NE(layer, nullptr) << address;
        EXPECT_EQ(std::to_string(read(layer).features), tile[2]) << address;
    }
}

}  // namespace
