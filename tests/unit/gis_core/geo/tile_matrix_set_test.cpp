#include "gis_core/geo/tile_matrix_set.hpp"

#include "gis_core/error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gis_core {
namespace {

// OGC 17-083r4, tables D.1 and D.3 (the standard's own figures).
TEST(TileMatrixSetTest, RegisteredSetsHaveTheScalesOfTheStandard) {
    auto const& web = find_tile_matrix_set("WebMercatorQuad");
    EXPECT_NEAR(web.scale_denominator(0), 559082264.028717, 1e-3);
    EXPECT_NEAR(web.scale_denominator(24), 33.3238997477002, 1e-9);
    EXPECT_NEAR(web.cell_size_of(0), 156543.033928041, 1e-9);
    auto const& world = find_tile_matrix_set("WorldCRS84Quad");
    EXPECT_NEAR(world.scale_denominator(0), 279541132.0143589, 1e-3);
    EXPECT_NEAR(world.scale_denominator(17), 2132.72958385, 1e-6);
    EXPECT_EQ(world.cell_size_of(0), 0.703125);
    EXPECT_EQ(world.columns_of(3), 16U);
    EXPECT_EQ(world.rows_of(3), 8U);
}

TEST(TileMatrixSetTest, OurSetsAreWholeScalesRoundTheirMeridianFromTheEquator) {
    for (auto const* id : {"VN2000TM3-10545Quad", "VN2000TM3-10530Quad"}) {
        auto const& set = find_tile_matrix_set(id);
        EXPECT_NEAR(set.scale_denominator(12), 10'000, 1e-9) << id;
        EXPECT_NEAR(set.scale_denominator(13), 5'000, 1e-9) << id;
        auto const all = set.bounds({0, 0, 0});
        EXPECT_DOUBLE_EQ((all.west + all.east) / 2, 500'000) << id;  // false easting: the central meridian
        EXPECT_NEAR(all.south, 0, 1e-6) << id;                       // latitude of origin 0: the equator
    }
}

// What cct says of EPSG:6960 for 106.3757 E, 10.2415 N: 568348.862, 1132632.197.
TEST(TileMatrixSetTest, APlaceStandsInItsTileOfVn2000) {
    auto const& set = find_tile_matrix_set("VN2000TM3-10545Quad");
    double const side = 40'960'000.0 / 4096 * 0.00028 * 256;  // level 12
    auto const column = static_cast<std::uint32_t>((568348.862 - (500'000 - 2936012.8 / 2)) / side);
    auto const row = static_cast<std::uint32_t>((2936012.8 - 1132632.197) / side);
    auto const box = set.bounds(set.parse("12", std::to_string(row), std::to_string(column)));
    EXPECT_LE(box.west, 568348.862);
    EXPECT_GT(box.east, 568348.862);
    EXPECT_LE(box.south, 1132632.197);
    EXPECT_GT(box.north, 1132632.197);
    EXPECT_NEAR(box.width(), 716.8, 1e-6);
    auto const limits = set.limits({106.37, 10.24, 106.38, 10.25}, 0, 24);
    EXPECT_TRUE(limits.at(12).hold({12, column, row}));
    EXPECT_FALSE(limits.at(12).hold({12, column + 40, row}));
}

TEST(TileMatrixSetTest, WebZoomComparesTheGroundOfACell) {
    EXPECT_EQ(find_tile_matrix_set("WebMercatorQuad").web_zoom(9), 9);
    EXPECT_EQ(find_tile_matrix_set("WorldCRS84Quad").web_zoom(9), 10);
    EXPECT_EQ(find_tile_matrix_set("VN2000TM3-10545Quad").web_zoom(10), 14);
}

TEST(TileMatrixSetTest, WhatIsNoTileIsRefusedByName) {
    auto const& set = find_tile_matrix_set("WorldCRS84Quad");
    EXPECT_NO_THROW(set.parse("1", "1", "3"));
    for (auto const& [level, row, column, field] : {std::tuple{"18", "0", "0", "tileMatrix"},
                                                    {"1", "2", "0", "tileRow"},
                                                    {"1", "0", "4", "tileCol"},
                                                    {"-1", "0", "0", "tileMatrix"},
                                                    {"01", "0", "0", "tileMatrix"},
                                                    {"1", "1.5", "0", "tileRow"},
                                                    {"", "", "", "tileMatrix"}}) {
        try {
            set.parse(level, row, column);
            FAIL() << level << "/" << row << "/" << column;
        } catch (Error const& error) {
            EXPECT_EQ(error.kind(), ErrorKind::not_found);
            EXPECT_EQ(error.fields().at(0).field, field);
        }
    }
    EXPECT_THROW(find_tile_matrix_set("WebMercator"), Error);
}

TEST(ReferenceSystemTest, NamesInEveryWriting) {
    for (auto const* text : {"EPSG:9210", "[EPSG:9210]", "http://www.opengis.net/def/crs/EPSG/0/9210"})
        EXPECT_EQ(crs::get_reference_system("crs", text).epsg, 9210);
    EXPECT_FALSE(crs::get_reference_system("crs", "http://www.opengis.net/def/crs/OGC/1.3/CRS84").is_latitude_first);
    EXPECT_FALSE(crs::get_reference_system("crs", "[OGC:CRS84]").is_latitude_first);
    EXPECT_TRUE(crs::get_reference_system("crs", "EPSG:4326").is_latitude_first);
    EXPECT_THROW(crs::get_reference_system("crs", "EPSG:32648"), Error);
}

TEST(MapProjectionTest, ABoxOverThereHoldsTheCurvesOfItsEdges) {
    crs::MapProjection const projection{crs::get_reference_system("crs", "EPSG:9210")};
    auto const box = projection.from_lon_lat(LonLatBox{104.5, 9.5, 107, 10.5});
    for (double lon = 104.5; lon <= 107; lon += 0.01) {
        auto const south = projection.from_lon_lat(LonLat{lon, 9.5});
        EXPECT_GE(south.north_m, box.south - 1);
    }
}

TEST(EnclosingTileTest, IsTheSmallest) {
    EXPECT_EQ(enclosing_tile({91, 1, 170, 60}), (TileId{2, 3, 1}));  // 90 to 180 east, 0 to 66.5 north; the next one ends at 135
    EXPECT_EQ(enclosing_tile({-1, -1, 1, 1}).z, 0);
}

}  // namespace
}  // namespace gis_core
