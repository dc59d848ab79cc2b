#include "tile_server/mvt_geometry.hpp"

#include "tests/support/mvt_decoder.hpp"
#include "tile_server/mvt_writer.hpp"
#include "tile_server/store/grid_shape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#define GEOS_USE_ONLY_R_API
#include <fmt/format.h>
#include <geos_c.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <random>

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
    layer.add_feature(7, geometry, {{"n", std::int64_t{-3}}, {"s", "dừa"}, {"b", true}, {"d", 2.5}});
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

/// Random polygons over the edges of a tile: GEOS says what is valid, and what is left of them.
TEST(MvtGeometryTest, RandomPolygonsAreCutValidAndWhole) {
    auto* const geos = GEOS_init_r();
    auto* const reader = GEOSWKTReader_create_r(geos);
    auto const read = [&](std::string const& wkt) {
        return std::shared_ptr<GEOSGeometry>{GEOSWKTReader_read_r(geos, reader, wkt.c_str()), [geos](GEOSGeometry* g) { GEOSGeom_destroy_r(geos, g); }};
    };
    auto const area_of = [&](GEOSGeometry const* geometry) {
        double area = 0;
        GEOSArea_r(geos, geometry, &area);
        return area;
    };
    std::mt19937 random{20261130};
    auto const bounds = kTile.bounds();
    auto const unit = (bounds.east - bounds.west) / kExtent;
    int cut = 0, holes = 0;
    for (int run = 0; run < 2000; ++run) {
        // A star with spikes around a place in or beside the tile, with a hole in every third; smaller than a unit to larger than the tile.
        std::uniform_real_distribution<double> place{-600, kExtent + 600}, share{0.15, 1};
        auto const x = place(random), y = place(random), radius = std::exp(std::uniform_real_distribution{0.0, 8.5}(random));
        auto const corners = std::uniform_int_distribution{3, 60}(random);
        std::string wkt = "POLYGON(";
        GridShape shape;
        auto const add_ring = [&](double least, double most, bool is_hole) {
            shape.push_back(is_hole ? -(corners + 1) : corners + 1);
            std::string first;
            wkt += is_hole ? ",(" : "(";
            std::vector<std::pair<double, double>> ring;
            for (int i = 0; i < corners; ++i) {
                auto const angle = 2 * M_PI * i / corners, far = radius * (least + (most - least) * share(random));
                ring.emplace_back(x + far * std::cos(angle), y + far * std::sin(angle));
            }
            ring.push_back(ring.front());
            for (auto const& [at_x, at_y] : ring) {
                auto const grid_x = to_grid(bounds.west + at_x * unit), grid_y = to_grid(bounds.north - at_y * unit);
                shape.push_back(grid_x);
                shape.push_back(grid_y);
                wkt += fmt::format("{}{} {}", wkt.back() == '(' ? "" : ",", (grid_x * kGridStep_m - bounds.west) / unit,
                                   (bounds.north - grid_y * kGridStep_m) / unit);
            }
            wkt += ")";
        };
        add_ring(0.6, 1, false);
        if (run % 3 == 0) add_ring(0.05, 0.5, true);
        auto const whole = read(wkt + ")");
        auto const box = read("POLYGON((-64 -64,4160 -64,4160 4160,-64 4160,-64 -64))");
        if (GEOSisValid_r(geos, whole.get()) != 1) continue;  // few corners: the hole reaches over
        std::shared_ptr<GEOSGeometry> const expected{GEOSIntersection_r(geos, whole.get(), box.get()),
                                                     [geos](GEOSGeometry* g) { GEOSGeom_destroy_r(geos, g); }};
        auto const geometry = tile_server::to_tile_geometry(GeometryKind::polygon, shape, kTile, false);
        double length = 0;
        GEOSLength_r(geos, expected.get(), &length);
        if (geometry.commands.empty()) {
            EXPECT_LT(area_of(expected.get()), length + 2) << wkt;
            continue;
        }
        auto const drawn = read(decoded(geometry).polygon_wkt());
        ASSERT_EQ(GEOSisValid_r(geos, drawn.get()), 1) << wkt;
        // Every corner moves by 0.71 units at most.
        EXPECT_NEAR(area_of(drawn.get()), area_of(expected.get()), 0.71 * length + 2) << wkt;
        std::shared_ptr<GEOSGeometry> const apart{GEOSSymDifference_r(geos, drawn.get(), expected.get()),
                                                  [geos](GEOSGeometry* g) { GEOSGeom_destroy_r(geos, g); }};
        EXPECT_LT(area_of(apart.get()), 0.75 * length + 2) << wkt;
        cut += GEOSWithin_r(geos, whole.get(), box.get()) != 1;
        holes += run % 3 == 0;
    }
    EXPECT_GT(cut, 500);
    EXPECT_GT(holes, 200);
    GEOSWKTReader_destroy_r(geos, reader);
    GEOS_finish_r(geos);
}

TEST(MvtGeometryTest, PolygonsReachABoxAsGeosSays) {
    auto* const geos = GEOS_init_r();
    auto const destroy = [geos](GEOSGeometry* g) { GEOSGeom_destroy_r(geos, g); };
    auto* const reader = GEOSWKTReader_create_r(geos);
    std::mt19937 random{19};
    std::uniform_int_distribution<std::int32_t> place{-2'000'000'000, 2'000'000'000};
    int reached = 0, missed = 0, around = 0;
    for (int run = 0; run < 4000; ++run) {
        // A triangle, far larger than the box now and then, and with a hole that the box may lie in.
        auto const scale = run % 4 == 0 ? 1 : 8;
        std::vector<std::int32_t> ring;
        for (int i = 0; i < 6; ++i) ring.push_back(place(random) / scale);
        GridShape shape{4};
        std::string wkt = "POLYGON((";
        for (int i = 0; i < 4; ++i) {
            auto const x = ring[static_cast<std::size_t>(i % 3 * 2)], y = ring[static_cast<std::size_t>(i % 3 * 2 + 1)];
            shape.insert(shape.end(), {x, y});
            wkt += fmt::format("{}{} {}", i == 0 ? "" : ",", x, y);
        }
        wkt += ")";
        if (run % 3 == 0) {  // towards the middle from each corner
            shape.push_back(-4);
            auto const mx = (std::int64_t{ring[0]} + ring[2] + ring[4]) / 3, my = (std::int64_t{ring[1]} + ring[3] + ring[5]) / 3;
            for (int i = 0; i < 4; ++i) {
                auto const x = static_cast<std::int32_t>((ring[static_cast<std::size_t>(i % 3 * 2)] + mx) / 2);
                auto const y = static_cast<std::int32_t>((ring[static_cast<std::size_t>(i % 3 * 2 + 1)] + my) / 2);
                shape.insert(shape.end(), {x, y});
                wkt += fmt::format("{}{} {}", i == 0 ? ",(" : ",", x, y);
            }
            wkt += ")";
        }
        wkt += ")";
        auto const x = place(random) / 10, y = place(random) / 10, side = std::abs(place(random)) / 40 + 1;
        GridBox const box{x, y, x + side, y + side};
        std::shared_ptr<GEOSGeometry> const polygon{GEOSWKTReader_read_r(geos, reader, wkt.c_str()), destroy},
            square{GEOSGeom_createRectangle_r(geos, box.west, box.south, box.east, box.north), destroy};
        auto const expected = GEOSIntersects_r(geos, polygon.get(), square.get()) == 1;
        EXPECT_EQ(reaches(shape, box), expected) << wkt << ' ' << x << ' ' << y << ' ' << side;
        (expected ? reached : missed) += 1;
        around += GEOSContains_r(geos, polygon.get(), square.get()) == 1;
    }
    EXPECT_GT(reached, 500);
    EXPECT_GT(missed, 500);
    EXPECT_GT(around, 50);
    GEOSWKTReader_destroy_r(geos, reader);
    GEOS_finish_r(geos);
}

}  // namespace tile_server
