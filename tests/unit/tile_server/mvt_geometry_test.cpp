#include "tile_server/mvt_geometry.hpp"

#include "tests/support/mvt_decoder.hpp"
#include "tile_server/mvt_writer.hpp"
#include "tile_server/store/grid_shape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace tile_server {
namespace {

/// Little-endian WKB of a polygon (type 3) or line (type 2) in tile units of `tile`, y down, so that expectations read easily.
std::string wkb(int type, std::vector<std::vector<std::pair<double, double>>> const& parts, gis_core::TileId tile) {
    auto const bounds = tile.bounds();
    auto const unit = (bounds.east - bounds.west) / kExtent;
    std::string out;
    auto const put = [&out](auto value) { out.append(reinterpret_cast<char const*>(&value), sizeof value); };
    put(std::uint8_t{1});
    put(static_cast<std::uint32_t>(type));
    if (type == 3) put(static_cast<std::uint32_t>(parts.size()));
    for (auto const& part : parts) {
        put(static_cast<std::uint32_t>(part.size()));
        for (auto const& [x, y] : part) {
            put(bounds.west + x * unit);
            put(bounds.north - y * unit);
        }
    }
    return out;
}

TileGeometry to_tile_geometry(std::string const& wkb, gis_core::TileId tile, bool on_grid) {
    auto const kind = wkb.size() > 1 && wkb[1] == 2 ? GeometryKind::line : GeometryKind::polygon;
    return tile_server::to_tile_geometry(kind, to_grid_shape(wkb), tile, on_grid);
}

test_support::MvtFeature decoded(TileGeometry const& geometry) {
    MvtLayer layer{"a"};
    layer.add_feature(7, geometry, {{"n", std::int64_t{-3}}, {"s", std::string{"dừa"}}, {"b", true}, {"d", 2.5}});
    std::string tile;
    layer.write_to(tile);
    return test_support::decode_mvt(tile).at(0).features.at(0);
}

constexpr gis_core::TileId kTile{9, 407, 241};

}  // namespace

TEST(MvtGeometryTest, RingsAreWoundAsTheSpecificationAsks) {
    // exterior anticlockwise and hole clockwise on screen: both the wrong way for MVT 2.1
    auto const feature = decoded(to_tile_geometry(
        wkb(3, {{{100, 100}, {100, 500}, {500, 500}, {500, 100}, {100, 100}}, {{200, 200}, {300, 200}, {300, 300}, {200, 300}, {200, 200}}}, kTile), kTile,
        true));
    ASSERT_EQ(feature.parts.size(), 2U);
    EXPECT_EQ(test_support::MvtFeature::doubled_area(feature.parts[0]), 2 * 400 * 400);
    EXPECT_EQ(test_support::MvtFeature::doubled_area(feature.parts[1]), -2 * 100 * 100);
    EXPECT_EQ(feature.tags.at("s"), "dừa");
    EXPECT_EQ(feature.tags.at("n"), "-3");
    EXPECT_EQ(feature.tags.at("b"), "true");
    EXPECT_EQ(*feature.id, 7U);
}

TEST(MvtGeometryTest, PolygonsAreClippedToTheBuffer) {
    auto const feature = decoded(to_tile_geometry(wkb(3, {{{-5000, 100}, {-5000, 200}, {9000, 200}, {9000, 100}, {-5000, 100}}}, kTile), kTile, true));
    ASSERT_EQ(feature.parts.size(), 1U);
    EXPECT_EQ(test_support::MvtFeature::doubled_area(feature.parts[0]), 2 * 100 * (kExtent + 2 * kBuffer));
    EXPECT_TRUE(to_tile_geometry(wkb(3, {{{5000, 100}, {5000, 200}, {9000, 200}, {9000, 100}, {5000, 100}}}, kTile), kTile, true).commands.empty());
}

TEST(MvtGeometryTest, WhatIsSmallerThanAUnitIsLeftOut) {
    EXPECT_TRUE(to_tile_geometry(wkb(3, {{{100.1, 100.1}, {100.3, 100.1}, {100.3, 100.3}, {100.1, 100.1}}}, kTile), kTile, false).commands.empty());
    EXPECT_TRUE(to_tile_geometry(wkb(2, {{{100.1, 100.1}, {100.3, 100.2}}}, kTile), kTile, false).commands.empty());
}

TEST(MvtGeometryTest, PointsStayInTheirTile) {
    auto const bounds = kTile.bounds();
    auto const feature = decoded(to_tile_point(bounds.east - 0.001, bounds.south + 0.001, kTile));
    EXPECT_EQ(feature.parts.at(0).at(0), (std::pair{4095, 4095}));
}

TEST(MvtGeometryTest, RefusesWhatIsNoGeometry) { EXPECT_ANY_THROW(to_tile_geometry("nonsense", kTile, true)); }

TEST(MvtGeometryTest, ARingThatCrossesItselfIsDrawnValid) {
    gis_core::TileId const tile{11, 1629, 965};
    auto const bounds = tile.bounds();
    auto const unit = (bounds.east - bounds.west) / kExtent;
    GridShape bow_tie{5};  // over the western edge
    for (auto const& [x, y] : {std::pair{-200, 100}, {300, 400}, {300, 100}, {-200, 400}, {-200, 100}}) {
        bow_tie.push_back(to_grid(bounds.west + x * unit));
        bow_tie.push_back(to_grid(bounds.north - y * unit));
    }
    auto const feature = decoded(tile_server::to_tile_geometry(GeometryKind::polygon, bow_tie, tile, false));
    std::int64_t area = 0;
    for (auto const& ring : feature.parts) area += test_support::MvtFeature::doubled_area(ring);
    // The two triangles, less what of the western one lies beyond the buffer (64 units).
    EXPECT_NEAR(static_cast<double>(area) / 2, 250 * 300 / 2.0 + (250 * 300 - 136 * (300 + 300 * 114 / 250.0)) / 2.0, 300);
}

}  // namespace tile_server
