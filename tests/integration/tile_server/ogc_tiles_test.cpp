// Tiles that PostGIS encodes (another matrix set) beside those that our encoder writes, and after an edit.
#include "tests/integration/tile_server/service_fixture.hpp"
#include "tile_server/mvt_geometry.hpp"
#include "tile_server/ogc/routes.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

namespace tile_server {
namespace {

class OgcTilesDbTest : public ServiceTest {
protected:
    void SetUp() override {
        ServiceTest::SetUp();
        ogc::add_vector_tile_routes(router, *service);
    }
    long counted(std::string const& target) {
        long sum = 0;
        for (auto const& feature : features(target)) sum += feature.number("point_count", 1);
        return sum;
    }
};

// The same rows, attributes and, for points, places by either way.
TEST_F(OgcTilesDbTest, BothEncodersWriteTheSameFeatures) {
    for (auto const& [layer, level] : std::vector<std::pair<std::string, int>>{{"products", 8},
                                                                               {"products", 10},
                                                                               {"products", 14},
                                                                               {"producers", 9},
                                                                               {"sales_points", 14},
                                                                               {"zones", 9},
                                                                               {"zones", 12},
                                                                               {"communes", 8},
                                                                               {"communes", 12},
                                                                               {"districts", 9},
                                                                               {"rivers", 10}}) {
        auto const place = gis_core::TileId::containing({106.375, 10.24}, static_cast<std::uint8_t>(level));
        auto const ours = features(fmt::format("/tiles/{}/{}.mvt", layer, place.path()));
        auto search = place.bounds();
        auto const margin = (search.east - search.west) * kBuffer / kExtent;
        search = {search.west - margin, search.south - margin, search.east + margin, search.north + margin};
        auto const encoded = test_support::decode_mvt(service->vectors().render_grid(
            gis_core::find_tile_matrix_set("WebMercatorQuad"), {service->catalogue().find(layer)}, place, search, service->today(), nullptr));
        auto const theirs = encoded.empty() ? std::vector<test_support::MvtFeature>{} : encoded[0].features;
        ASSERT_EQ(ours.size(), theirs.size()) << layer << " " << level;
        for (std::size_t i = 0; i < ours.size(); ++i) {
            EXPECT_EQ(ours[i].id, theirs[i].id) << layer << " " << level;
            EXPECT_EQ(ours[i].tags, theirs[i].tags) << layer << " " << level;
            if (ours[i].type != 1) continue;
            EXPECT_NEAR(ours[i].parts[0][0].first, theirs[i].parts[0][0].first, 1) << layer << " " << level;
            EXPECT_NEAR(ours[i].parts[0][0].second, theirs[i].parts[0][0].second, 1) << layer << " " << level;
        }
    }
}

TEST_F(OgcTilesDbTest, WhatIsKeptInMemoryIsFreshAfterAnEdit) {
    auto const row = database.query("SELECT product_key, star, ST_X(geom), ST_Y(geom) FROM pub.product WHERE star IS NOT NULL ORDER BY 1 LIMIT 1").at(0);
    auto const place = gis_core::TileId::containing({std::stod(row[2]), std::stod(row[3])}, 10);
    auto const filtered = fmt::format("/ogc/collections/products/tiles/WebMercatorQuad/10/{}/{}?filter=star%3D{}", place.y, place.x, row[1]);
    auto const& set = gis_core::find_tile_matrix_set("WorldCRS84Quad");
    double const side = set.cell_size_of(9) * set.kTileCells;
    auto const other = fmt::format("/ogc/collections/products/tiles/WorldCRS84Quad/9/{}/{}", static_cast<int>((90 - std::stod(row[3])) / side),
                                   static_cast<int>((std::stod(row[2]) + 180) / side));
    auto const stars = [&](std::string const& target) {
        long sum = 0;
        for (auto const& feature : features(target)) sum += feature.number("star_" + row[1], feature.number("star", 0) == std::stol(row[1]) ? 1 : 0);
        return sum;
    };
    auto const before = counted(filtered), before_other = stars(other);
    auto const renders = service->flights().renders();
    counted(filtered);
    stars(other);
    EXPECT_EQ(service->flights().renders(), renders);  // both from memory
    database.execute(fmt::format(
        "UPDATE ocop.certificate SET revoked_on = current_date, revocation_reason = 'test' WHERE product_key = {} AND in_force @> current_date", row[0]));
    EXPECT_TRUE(eventually([&] { return counted(filtered) == before - 1; }, std::chrono::milliseconds{1500}));
    EXPECT_TRUE(eventually([&] { return stars(other) == before_other - 1; }, std::chrono::milliseconds{1500}));
}

}  // namespace
}  // namespace tile_server
