#include "tile_server/render/renderer.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/geo/tile_id.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tile_server/render/scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <tuple>

namespace {

using gis_core::MercatorBox;
using gis_core::TileId;
using ::testing::HasSubstr;

constexpr char kOld[] = "2025-06-30", kNew[] = "2025-07-01";

class PicturesTest : public ::testing::Test {
protected:
    // As the role of the tile daemon: what it may not read, these tests may not either.
    gis_core::db::Pool pool_{{.conninfo = test_support::with_keyword(test_support::database(), "user", "ocopmap_tiles"), .size = 2}};
    tile_server::Renderer renderer_{pool_, OCOPMAP_STYLES_DIR, OCOPMAP_FONTS_DIR};

    tile_server::Scene scene(std::string const& style, MercatorBox const& box, double zoom, std::string const& at) {
        auto const& palette = renderer_.palette();
        return tile_server::read_scene(pool_, palette, *styles::find_style(palette, style)->definition, box,
                                       2 * gis_core::kMercatorHalfWidth_m / 256 / std::exp2(zoom), zoom, at);
    }
    static MercatorBox metatile(TileId corner) {
        auto const a = corner.bounds(), b = TileId{corner.z, corner.x + 7, corner.y + 7}.bounds();
        return {a.west, b.south, b.east, a.north};
    }
};

std::int64_t sum(std::vector<tile_server::Shape> const& shapes) {
    std::int64_t total = 0;
    for (auto const& shape : shapes) total += shape.products.value_or(0);
    return total;
}

TEST_F(PicturesTest, TheTwoFramesLookDifferent) {
    gis_core::LonLatBox const box{106.0, 9.8, 106.8, 10.35};
    auto const before = renderer_.render_view({"ocop", 1, tile_server::PictureFormat::png, kOld}, box, 400, 300);
    auto const after = renderer_.render_view({"ocop", 1, tile_server::PictureFormat::png, kNew}, box, 400, 300);
    EXPECT_TRUE(before.starts_with("\x89PNG"));
    EXPECT_NE(before, after);
    EXPECT_EQ(before, renderer_.render_view({"ocop", 1, tile_server::PictureFormat::png, kOld}, box, 400, 300));  // nothing by chance
}

TEST_F(PicturesTest, FiguresAddUpToTheSameInEveryFrame) {
    MercatorBox const everywhere{11'700'000, 1'000'000, 12'000'000, 1'250'000};
    auto const certified =
        std::stoll(test_support::value(test_support::database(), "SELECT count(*) FROM pub.product WHERE star IS NOT NULL AND lineage_key IS NOT NULL"));
    ASSERT_GT(certified, 0);
    EXPECT_EQ(sum(scene("ocop", everywhere, 9, "").choropleth), certified);
    EXPECT_EQ(sum(scene("districts", everywhere, 9, "").choropleth), certified);  // old districts, today's products
}

TEST_F(PicturesTest, OldDistrictsGoOnAsDashedLines) {
    MercatorBox const everywhere{11'700'000, 1'000'000, 12'000'000, 1'250'000};
    auto const now = scene("districts", everywhere, 9, kNew), then = scene("districts", everywhere, 9, kOld);
    EXPECT_EQ(then.choropleth.size(), 9U);
    EXPECT_EQ(now.choropleth.size(), 9U);
    ASSERT_FALSE(now.districts_line.empty());
    ASSERT_FALSE(then.districts_line.empty());
    EXPECT_TRUE(now.districts_line.front().is_former);
    EXPECT_FALSE(then.districts_line.front().is_former);
    EXPECT_TRUE(scene("ocop", everywhere, 9, kNew).districts_line.empty());  // quiet where they say nothing
}

TEST_F(PicturesTest, ADateWithoutLinesNamesTheNearestFrames) {
    try {
        renderer_.render_metatile({"ocop", 1, tile_server::PictureFormat::png, "1950-01-01"}, {10, 813, 480});
        FAIL();
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::not_found);
        EXPECT_THAT(error.what(), HasSubstr("1950-01-01"));
        EXPECT_THAT(error.what(), HasSubstr("the nearest: "));
    }
}

TEST_F(PicturesTest, BenTreIsOnThePicturesOfEveryZoom) {
    for (auto z = static_cast<std::uint8_t>(styles::kMinZoom); z <= styles::kMaxZoom; ++z) {
        for (int const scale : {1, 2}) {
            auto const tile = TileId::containing({106.4, 10.2}, z);
            auto const corner = tile_server::Renderer::metatile_of(tile, scale);
            EXPECT_NO_THROW(renderer_.check({"ocop", scale, tile_server::PictureFormat::png, ""}, tile)) << int(z);
            EXPECT_NO_THROW(renderer_.check({"ocop", scale, tile_server::PictureFormat::png, ""}, corner)) << int(z);
        }
    }
}

TEST_F(PicturesTest, AMetatileIsAllItsTilesOnce) {
    for (int const scale : {1, 2}) {
        auto const tiles = renderer_.render_metatile({"ocop", scale, tile_server::PictureFormat::webp, ""}, {11, 1629, 963});
        std::set<TileId> ids;
        for (auto const& [tile, bytes] : tiles) {
            ids.insert(tile);
            EXPECT_EQ(bytes.substr(0, 4), "RIFF");
            EXPECT_EQ(tile_server::Renderer::metatile_of(tile, scale), tile_server::Renderer::metatile_of({11, 1629, 963}, scale));
        }
        EXPECT_EQ(ids.size(), scale == 1 ? 64U : 16U);
    }
    EXPECT_THROW(renderer_.render_metatile({"ocop", 1, tile_server::PictureFormat::png, ""}, {19, 0, 0}), gis_core::Error);
    EXPECT_THROW(renderer_.render_metatile({"satellite", 1, tile_server::PictureFormat::png, ""}, {10, 813, 480}), gis_core::Error);
}

// What stands near the seam of two metatiles is the same in both: names, places, clusters with their counts.
TEST_F(PicturesTest, NeighboursAgreeOnEverythingAtTheirSeam) {
    for (auto const* at : {kOld, kNew}) {
        for (auto const zoom : {std::uint8_t{10}, std::uint8_t{12}, std::uint8_t{13}, std::uint8_t{15}}) {
            auto const middle = TileId::containing({106.45, 10.15}, zoom);
            TileId const east{zoom, middle.x / 8 * 8, middle.y / 8 * 8}, west{zoom, east.x - 8, east.y};
            double const seam = metatile(east).west, px = 2 * gis_core::kMercatorHalfWidth_m / 256 / std::exp2(zoom);
            auto const a = scene("ocop", metatile(west), zoom, at), b = scene("ocop", metatile(east), zoom, at);
            using Thing = std::tuple<long long, long long, std::string>;
            auto const box = metatile(east);
            auto const near = [&](double x, double y) { return std::abs(x - seam) < 100 * px && y > box.south && y < box.north; };
            auto const labels = [&](tile_server::Scene const& scene) {
                std::set<Thing> out;
                for (auto const& l : scene.labels) {
                    if (near(l.x, l.y)) out.emplace(std::llround(l.x * 1000), std::llround(l.y * 1000), l.kind + l.text + l.figure);
                }
                return out;
            };
            auto const markers = [&](tile_server::Scene const& scene) {
                std::set<Thing> out;
                for (auto const& m : scene.products) {
                    if (near(m.x, m.y)) out.emplace(std::llround(m.x * 1000), std::llround(m.y * 1000), std::to_string(m.count));
                }
                return out;
            };
            EXPECT_EQ(labels(a), labels(b)) << at << " z" << int(zoom);
            EXPECT_EQ(markers(a), markers(b)) << at << " z" << int(zoom);
        }
    }
}

}  // namespace
