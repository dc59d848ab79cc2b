#include "tile_server/pictures/store_rows.hpp"

#include "tests/integration/tile_server/service_fixture.hpp"
#include "tile_server/render/painter.hpp"

#include <fmt/format.h>
#include <pqxx/connection>
#include <pqxx/transaction>

#include <cmath>
#include <tuple>

namespace tile_server {

class StoreRowsTest : public ServiceTest {
protected:
    void SetUp() override {
        ServiceTest::SetUp();
        ASSERT_TRUE(eventually([&] { return service->store().is_settled(); }, std::chrono::seconds{30}));
    }
    static gis_core::MercatorBox metatile(int zoom) {
        auto const tile = gis_core::TileId::containing({106.4, 10.2}, static_cast<std::uint8_t>(zoom));
        gis_core::TileId const corner{tile.z, tile.x / 8 * 8, tile.y / 8 * 8};
        auto const a = corner.bounds(), b = gis_core::TileId{corner.z, corner.x + 7, corner.y + 7}.bounds();
        return {a.west, b.south, b.east, a.north};
    }
    static double metres_per_px(int zoom) { return 2 * gis_core::kMercatorHalfWidth_m / 256 / std::exp2(zoom); }

    Painter painter{OCOPMAP_STYLES_DIR, OCOPMAP_FONTS_DIR};
};

/// The same things in the same order, and the same picture: memory rounds positions to a centimetre.
TEST_F(StoreRowsTest, PicturesFromMemoryAreThoseOfTheRecord) {
    StoreRows memory{service->store(), service->catalogue(), service->pool()};
    for (auto const* name : {"ocop", "districts-dark"}) {
        auto const style = *styles::find_style(painter.palette(), name);
        for (auto const& at : {std::string{}, std::string{"2025-06-30"}}) {
            for (int const zoom : {8, 10, 11, 12, 13, 15}) {
                SCOPED_TRACE(fmt::format("{} {} zoom {}", name, at, zoom));
                auto const box = metatile(zoom);
                auto const shown = at.empty() ? today() : *gis_core::Date::parse(at);
                auto const rows = memory.rows(read_box(box, metres_per_px(zoom), zoom), shown, style.definition->choropleth, "products");
                ASSERT_NE(rows, nullptr);
                auto const ours = compose_scene(*rows, painter.palette(), *style.definition, box, metres_per_px(zoom), zoom, "products");
                auto const theirs = read_scene(service->pool(), painter.palette(), *style.definition, box, metres_per_px(zoom), zoom, at);
                for (auto const part : {&Scene::land, &Scene::choropleth, &Scene::zones, &Scene::rivers, &Scene::shoreline, &Scene::communes_line,
                                        &Scene::districts_line, &Scene::provinces_line}) {
                    auto const &mine = ours.*part, &other = theirs.*part;
                    ASSERT_EQ(mine.size(), other.size());
                    for (std::size_t i = 0; i < mine.size(); ++i) {
                        EXPECT_EQ(std::tie(mine[i].figure, mine[i].is_former, mine[i].crop, mine[i].is_small),
                                  std::tie(other[i].figure, other[i].is_former, other[i].crop, other[i].is_small));
                    }
                }
                for (auto const part : {&Scene::places, &Scene::products}) {
                    auto const &mine = ours.*part, &other = theirs.*part;
                    ASSERT_EQ(mine.size(), other.size());
                    for (std::size_t i = 0; i < mine.size(); ++i) {
                        EXPECT_EQ(std::tie(mine[i].count, mine[i].star, mine[i].icon), std::tie(other[i].count, other[i].star, other[i].icon));
                        EXPECT_NEAR(mine[i].x, other[i].x, 1e-6);
                        EXPECT_NEAR(mine[i].y, other[i].y, 1e-6);
                    }
                }
                ASSERT_EQ(ours.labels.size(), theirs.labels.size());
                for (std::size_t i = 0; i < ours.labels.size(); ++i) {
                    auto const &mine = ours.labels[i], &other = theirs.labels[i];
                    EXPECT_EQ(std::tie(mine.text, mine.figure, mine.kind, mine.crop), std::tie(other.text, other.figure, other.kind, other.crop));
                    EXPECT_NEAR(mine.x, other.x, 0.05);
                    EXPECT_NEAR(mine.y, other.y, 0.05);
                }
                auto const drawn = painter.paint(ours, style, box, 2048, 2048, zoom, 1), as_it_should = painter.paint(theirs, style, box, 2048, 2048, zoom, 1);
                int differing = 0;
                for (int y = 0; y < 2048; ++y) {
                    for (int x = 0; x < 2048; ++x) {
                        for (int c = 0; c < 24; c += 8) {
                            if (std::abs(int(drawn.pixel(x, y) >> c & 255) - int(as_it_should.pixel(x, y) >> c & 255)) > 16) {
                                ++differing;
                                break;
                            }
                        }
                    }
                }
                EXPECT_LE(differing, 40);
            }
        }
    }
}

TEST_F(StoreRowsTest, NothingIsReadFromMemoryThatIsBehind) {
    StoreRows memory{service->store(), service->catalogue(), service->pool()};
    auto const box = read_box(metatile(12), metres_per_px(12), 12);
    auto const has = [&](gis_core::MercatorBox const& where) { return memory.rows(where, today(), "communes", "products") != nullptr; };
    ASSERT_TRUE(has(box));
    EXPECT_EQ(memory.rows(box, *gis_core::Date::parse("1950-01-01"), "communes", "products"), nullptr);
    EXPECT_EQ(memory.rows(box, today(), "communes", "stars"), nullptr);
    pqxx::connection owner{database.conninfo()};
    pqxx::work holding{owner};
    holding.exec("LOCK TABLE geo.zone IN ACCESS EXCLUSIVE MODE");  // what touched it cannot be read again before this ends
    Cover everywhere;
    everywhere.whole = true;
    service->store().touch("zones", "geo.zone", everywhere);
    EXPECT_FALSE(has(box));
    holding.abort();
    EXPECT_TRUE(eventually([&] { return has(box); }));
}

}  // namespace tile_server
