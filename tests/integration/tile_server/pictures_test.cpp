#include "tile_server/render/renderer.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/geo/tile_id.hpp"
#include "tests/integration/tile_server/png.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tile_server/render/scene.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <numbers>
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

double sum(std::vector<tile_server::Shape> const& shapes) {
    double total = 0;
    for (auto const& shape : shapes) total += shape.figure.value_or(0);
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

// Every unit has the colour of its figure, counted here from the base tables by the owner, and all figures add up.
TEST_F(PicturesTest, AUnitHasTheColourOfItsFigureWhateverIsMeasured) {
    auto const certified = [](char const* what) {
        return std::string{"SELECT m.lineage_key, "} + what +
               " AS figure FROM ocop.producer m JOIN ocop.product p USING (producer_key) JOIN ocop.certificate c USING (product_key) "
               "WHERE m.is_published AND p.is_published AND p.registered_on <= {0} AND c.issued_on <= {0} AND c.valid_to > {0} "
               "AND (c.revoked_on IS NULL OR c.revoked_on > {0}) GROUP BY 1";
    };
    std::map<std::string, std::string> const figures_by_lineage{
        {"products", certified("count(*)")},
        {"producers", certified("count(DISTINCT m.producer_key)")},
        {"stars", certified("sum(c.star)")},
        {"zone_area_ha",
         "SELECT lineage_key, sum(area_ha) AS figure FROM geo.zone WHERE valid_from <= {0} AND (valid_to IS NULL OR valid_to > {0}) GROUP BY 1"}};
    struct Case {
        char const *style, *level, *at, *lines_on;
    };
    gis_core::LonLatBox const box{106.02, 9.78, 106.83, 10.36};
    constexpr int kWidth = 1000, kHeight = 720;
    for (auto const& [style, level, at, lines_on] :
         {Case{"ocop", "commune", kOld, kOld}, Case{"ocop-dark", "commune", kNew, kNew}, Case{"districts", "district", kNew, kOld}}) {
        auto const& colours = styles::find_style(renderer_.palette(), style)->theme(renderer_.palette()).choropleth;
        for (auto const& [measure, by_lineage] : figures_by_lineage) {
            auto const key = level == std::string{"district"} ? "c.parent_key" : "c.unit_key";
            auto const rows = test_support::query(
                test_support::database(),
                fmt::format(
                    "WITH by_lineage AS ({}), by_unit AS (SELECT {} AS unit_key, sum(figure) AS figure FROM by_lineage JOIN geo.lineage_unit l USING "
                    "(lineage_key) JOIN geo.admin_unit c USING (unit_key) WHERE l.valid_from <= '{}' AND (l.valid_to IS NULL OR l.valid_to > '{}') GROUP BY 1) "
                    "SELECT u.code, coalesce(f.figure, 0), ST_X(d.geom), ST_Y(d.geom) FROM geo.admin_unit u LEFT JOIN by_unit f USING (unit_key), "
                    "LATERAL ST_Dump(ST_GeneratePoints(ST_Buffer(u.geom_3857, -0.1 * sqrt(ST_Area(u.geom_3857))), 80, 7)) d "
                    "WHERE u.level::text = '{}' AND u.valid_from <= '{}' AND (u.valid_to IS NULL OR u.valid_to > '{}')",
                    fmt::format(fmt::runtime(by_lineage), fmt::format("date '{}'", at)), key, lines_on, lines_on, level, lines_on, lines_on));
            std::map<std::string, double> figures;
            for (auto const& row : rows) figures[row[0]] = std::stod(row[1]);
            ASSERT_EQ(figures.size(), level == std::string{"district"} ? 9U : at == kOld ? 148U : 48U);
            double least = figures.begin()->second, most = 0, total = 0;
            for (auto const& [code, figure] : figures) least = std::min(least, figure), most = std::max(most, figure), total += figure;
            ASSERT_GT(total, 0) << measure;
            MercatorBox const everywhere{11'700'000, 1'000'000, 12'000'000, 1'250'000};
            auto const& definition = *styles::find_style(renderer_.palette(), style)->definition;
            EXPECT_NEAR(sum(tile_server::read_scene(pool_, renderer_.palette(), definition, everywhere, 300, 9, at, measure).choropleth), total, 0.01)
                << style << ' ' << measure;

            std::vector<double> breaks;
            for (auto const share : {0.15, 0.3, 0.5, 0.75}) breaks.push_back(least + (most - least) * share);
            test_support::Png const png{
                renderer_.render_view({style, 1, tile_server::PictureFormat::png, at}, box, kWidth, kHeight, {measure, breaks, "", ""})};
            auto const y_of = [](double lat) {
                return std::log(std::tan((90 + lat) * std::numbers::pi / 360)) / std::numbers::pi * gis_core::kMercatorHalfWidth_m;
            };
            double const west = box.west / 180 * gis_core::kMercatorHalfWidth_m, east = box.east / 180 * gis_core::kMercatorHalfWidth_m;
            double const px = std::max((east - west) / kWidth, (y_of(box.north) - y_of(box.south)) / kHeight);
            std::map<std::string, std::vector<int>> votes;  // names, rivers and lines cover some of the points
            for (auto const& row : rows) {
                auto const x = static_cast<int>((std::stod(row[2]) - (west + east) / 2) / px + kWidth / 2.0);
                auto const y = static_cast<int>(((y_of(box.north) + y_of(box.south)) / 2 - std::stod(row[3])) / px + kHeight / 2.0);
                if (x < 0 || y < 0 || x >= kWidth || y >= kHeight) continue;
                auto const colour = png.pixel(x, y);
                auto& vote = votes[row[0]];
                vote.resize(colours.size());
                for (std::size_t i = 0; i < colours.size(); ++i) {
                    auto const channel = [&](std::size_t c) { return std::stoi(colours[i].substr(1 + 2 * c, 2), nullptr, 16); };
                    int difference = 0;
                    for (std::size_t c = 0; c < 3; ++c) difference = std::max(difference, std::abs(channel(c) - colour[c]));
                    if (difference <= 3) ++vote[i];
                }
            }
            std::set<std::size_t> seen;
            for (auto const& [code, vote] : votes) {
                auto const expected = static_cast<std::size_t>(std::upper_bound(breaks.begin(), breaks.end(), figures[code]) - breaks.begin());
                auto const drawn = static_cast<std::size_t>(std::max_element(vote.begin(), vote.end()) - vote.begin());
                if (vote[drawn] < 5) continue;  // a ward under its own name
                EXPECT_EQ(drawn, expected) << style << ' ' << at << ' ' << measure << ' ' << code << ' ' << figures[code];
                seen.insert(drawn);
            }
            EXPECT_GE(seen.size(), 3U) << style << ' ' << measure;
        }
    }
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
