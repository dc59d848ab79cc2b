#include "tile_server/cell_mask.hpp"

#include "tests/support/mvt_decoder.hpp"
#include "tile_server/mvt_writer.hpp"

#include <gtest/gtest.h>

#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

#include <memory>
#include <random>
#include <set>

namespace tile_server {
namespace {

/// GEOS as the second opinion on what the decoder finds in a tile.
class CellMaskTest : public ::testing::Test {
protected:
    using Geometry = std::shared_ptr<GEOSGeometry>;
    using Squares = std::set<std::pair<int, int>>;

    ~CellMaskTest() override { GEOS_finish_r(geos); }
    Geometry own(GEOSGeometry* geometry) {
        return {geometry, [this](GEOSGeometry* g) { GEOSGeom_destroy_r(geos, g); }};
    }
    /// The polygons of the outline, as a reader of MVT 2.1 puts them together by the winding of their rings.
    Geometry read(Squares const& squares, int side) {
        CellMask mask{side};
        for (auto const& [x, y] : squares) mask.mark(x * side + side / 2, y * side);
        auto const outline = mask.outline();
        MvtLayer layer{"a"};
        layer.add_feature(std::nullopt, outline, {});
        std::string tile;
        layer.write_to(tile);
        auto* const reader = GEOSWKTReader_create_r(geos);
        auto* const out = GEOSWKTReader_read_r(geos, reader, test_support::decode_mvt(tile).at(0).features.at(0).polygon_wkt().c_str());
        GEOSWKTReader_destroy_r(geos, reader);
        int rings = 0;
        for (int i = 0; i < GEOSGetNumGeometries_r(geos, out); ++i) rings += 1 + GEOSGetNumInteriorRings_r(geos, GEOSGetGeometryN_r(geos, out, i));
        EXPECT_EQ(mask.corners() + static_cast<std::size_t>(rings), static_cast<std::size_t>(GEOSGetNumCoordinates_r(geos, out))) << "the last is the first";
        EXPECT_EQ(mask.outline().commands, outline.commands) << "it may be asked again";
        mask.clear();
        EXPECT_TRUE(mask.outline().commands.empty() && mask.corners() == 0);
        return own(out);
    }
    Geometry united(Squares const& squares, int side) {
        std::vector<GEOSGeometry*> all;
        for (auto const& [x, y] : squares) all.push_back(GEOSGeom_createRectangle_r(geos, x * side, y * side, (x + 1) * side, (y + 1) * side));
        auto const collection = own(GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, all.data(), static_cast<unsigned>(all.size())));
        return own(GEOSUnaryUnion_r(geos, collection.get()));
    }
    void expect_outline(Squares const& squares, int side) {
        auto const got = read(squares, side), wanted = united(squares, side);
        EXPECT_EQ(GEOSisValid_r(geos, got.get()), 1);
        EXPECT_EQ(GEOSEquals_r(geos, got.get(), wanted.get()), 1);
    }

    GEOSContextHandle_t geos = GEOS_init_r();
};

}  // namespace

TEST_F(CellMaskTest, SquaresThatMeetInCorners) {
    expect_outline({{0, 0}}, 64);
    expect_outline({{0, 0}, {1, 1}}, 64);                                                  // two polygons
    expect_outline({{1, 0}, {0, 1}, {2, 1}, {1, 2}}, 64);                                  // four around nothing
    expect_outline({{0, 0}, {1, 0}, {2, 0}, {0, 1}, {2, 1}, {0, 2}, {1, 2}, {2, 2}}, 64);  // a hole
    expect_outline({{0, 0}, {1, 0}, {2, 0}, {0, 1}, {2, 1}, {0, 2}, {1, 2}}, 64);          // one that opens in a corner: (2, 2) is missing
    expect_outline({{63, 63}, {62, 63}, {63, 62}}, 64);
}

TEST_F(CellMaskTest, RandomSquaresAreWhatGeosUnites) {
    std::mt19937 random{20261129};
    for (int run = 0; run < 300; ++run) {
        Squares squares;
        auto const across = std::uniform_int_distribution{2, 16}(random);
        auto const count = std::uniform_int_distribution{1, across * across}(random);
        std::uniform_int_distribution place{0, across - 1};
        for (int i = 0; i < count; ++i) squares.emplace(place(random), place(random));
        expect_outline(squares, run % 2 == 0 ? 4 : 256);
        if (HasFailure()) FAIL() << "run " << run;
    }
}

}  // namespace tile_server
