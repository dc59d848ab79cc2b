#include "tests/integration/tile_server/service_fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pqxx/connection>
#include <pqxx/transaction>

#include <algorithm>
#include <set>

namespace tile_server {

using gis_core::TileId;
using ::testing::HasSubstr;

class VectorTilesTest : public ServiceTest {
protected:
    /// The tiles of a zoom that the rows of a view stand in, by PostGIS, and their eight neighbours.
    std::set<TileId> tiles_around(std::string const& view, int zoom) {
        std::set<TileId> out;
        for (auto const& row : database.query(fmt::format("SELECT DISTINCT (c >> 20) / 16384, (c >> 20) % 16384 FROM {}, tile.cover_of(geom_3857) c", view))) {
            auto const z = static_cast<std::uint8_t>(zoom);
            TileId const own = TileId{14, static_cast<std::uint32_t>(std::stoul(row[0])), static_cast<std::uint32_t>(std::stoul(row[1]))}.ancestor(z);
            auto const last = (1U << z) - 1;
            for (auto x = own.x == 0 ? 0 : own.x - 1; x <= std::min(own.x + 1, last); ++x) {
                for (auto y = own.y == 0 ? 0 : own.y - 1; y <= std::min(own.y + 1, last); ++y) out.insert({z, x, y});
            }
        }
        return out;
    }
    std::vector<TileId> tiles_of_ben_tre(int zoom) {
        std::vector<TileId> out;
        auto const z = static_cast<std::uint8_t>(zoom);
        auto const first = TileId::containing({105.95, 10.40}, z), last = TileId::containing({106.85, 9.75}, z);
        for (auto x = first.x; x <= last.x; ++x) {
            for (auto y = first.y; y <= last.y; ++y) out.push_back({z, x, y});
        }
        return out;
    }
};

TEST_F(VectorTilesTest, CountsAddUpToTheRowCountAtEveryZoom) {
    for (auto const& [layer, view] : {std::pair{"products", "pub.product"}, {"producers", "pub.producer"}, {"sales_points", "pub.sales_point"}}) {
        auto const rows = std::stol(database.value(fmt::format("SELECT count(*) FROM {} WHERE geom IS NOT NULL", view)));
        auto const stars = database.value("SELECT count(*) FROM pub.product WHERE star = 4 AND geom IS NOT NULL");
        ASSERT_GT(rows, 0);
        for (int zoom = 0; zoom <= 14; ++zoom) {
            long counted = 0, four_stars = 0;
            for (auto const& tile : tiles_around(view, zoom)) {
                for (auto const& feature : features(fmt::format("/tiles/{}/{}.mvt", layer, tile.path()))) {
                    ASSERT_EQ(feature.parts.size(), 1U);
                    auto const [x, y] = feature.parts[0][0];
                    EXPECT_TRUE(x >= 0 && x < 4096 && y >= 0 && y < 4096);
                    counted += feature.number("point_count", 1);
                    four_stars += feature.tags.contains("point_count") ? feature.number("star_4", 0) : feature.number("star", 0) == 4;
                }
            }
            EXPECT_EQ(counted, rows) << layer << " at zoom " << zoom;
            if (std::string{layer} == "products") {
                EXPECT_EQ(std::to_string(four_stars), stars) << "zoom " << zoom;
            }
        }
    }
}

TEST_F(VectorTilesTest, UnitsAreValidWoundAndShareTheirBordersAtEveryZoom) {
    for (std::string const at : {"", "?at=2025-06-30"}) {
        for (int zoom = 6; zoom <= 12; zoom += zoom < 10 ? 1 : 2) {
            for (auto const& tile : tiles_of_ben_tre(zoom)) {
                auto const units = features(fmt::format("/tiles/communes/{}.mvt{}", tile.path(), at));
                if (units.empty()) continue;
                std::string values;
                for (auto const& unit : units) values += fmt::format("{}('{}'::geometry)", values.empty() ? "" : ",", unit.polygon_wkt());
                // Sum of areas against area of the union: their difference is what overlaps. ST_Union of a coverage with
                // gaps has holes that no unit fills: none may be of more than the slivers one unit wide allow.
                auto const row = database.query(
                    fmt::format("WITH g (g) AS (VALUES {}) SELECT bool_and(ST_IsValid(g)), sum(ST_Area(g)), ST_Area(ST_Union(g)) FROM g", values))[0];
                EXPECT_EQ(row[0], "t") << tile.path();
                EXPECT_NEAR(std::stod(row[1]), std::stod(row[2]), 1e-6 * std::stod(row[2])) << "overlap at " << tile.path() << at;
                // Each border inside the tile is the same line for both neighbours: every edge stands once or twice.
                std::map<std::pair<std::pair<int, int>, std::pair<int, int>>, int> edges;
                for (auto const& unit : units) {
                    for (auto const& ring : unit.parts) {
                        for (std::size_t i = 0; i < ring.size(); ++i) {
                            auto const a = ring[i], b = ring[(i + 1) % ring.size()];
                            ++edges[{std::min(a, b), std::max(a, b)}];
                        }
                    }
                }
                EXPECT_TRUE(std::all_of(edges.begin(), edges.end(), [](auto const& edge) { return edge.second <= 2; })) << tile.path();
                if (units.size() > 3) {
                    EXPECT_TRUE(std::any_of(edges.begin(), edges.end(), [](auto const& edge) { return edge.second == 2; })) << tile.path();
                }
            }
        }
    }
}

TEST_F(VectorTilesTest, AgreesWithPostgisOverTheSameLevel) {
    auto const level_rows = [&](TileId tile) {
        return database.query(
            fmt::format("SELECT u.unit_key, u.code, u.name, ST_AsText(ST_AsMVTGeom(l.geom, ST_TileEnvelope({0}, {1}, {2}), 4096, 64, true)) "
                        "FROM pub.commune u JOIN tile.unit_level l USING (unit_key) WHERE l.level = 'commune' AND l.zoom = {0} AND l.frame_from = "
                        "(SELECT max(frame_from) FROM tile.level_frame WHERE level = 'commune' AND frame_from <= pub.at()) "
                        "AND ST_AsMVTGeom(l.geom, ST_TileEnvelope({0}, {1}, {2}), 4096, 64, true) IS NOT NULL ORDER BY 1",
                        tile.z, tile.x, tile.y));
    };
    for (int const zoom : {7, 9, 11, 14}) {
        auto tiles = tiles_of_ben_tre(zoom);
        if (tiles.size() > 12) tiles = {tiles[tiles.size() / 2], tiles[tiles.size() / 3], tiles[tiles.size() / 2 + 1]};
        for (auto const& tile : tiles) {
            auto const units = features(fmt::format("/tiles/communes/{}.mvt", tile.path()));
            auto const reference = level_rows(tile);
            ASSERT_EQ(units.size(), reference.size()) << tile.path();
            for (std::size_t i = 0; i < units.size(); ++i) {
                EXPECT_EQ(std::to_string(*units[i].id), reference[i][0]);
                EXPECT_EQ(units[i].tags.at("code"), reference[i][1]);
                EXPECT_EQ(units[i].tags.at("name"), reference[i][2]);
                auto const distance =
                    database.value(fmt::format("SELECT ST_HausdorffDistance('{}'::geometry, '{}'::geometry)", units[i].polygon_wkt(), reference[i][3]));
                EXPECT_LE(std::stod(distance), 1.5) << tile.path() << ' ' << reference[i][1];  // one unit each way
            }
        }
    }
}

TEST_F(VectorTilesTest, FiguresAgreeInEveryFrame) {
    auto const total = [&](std::string const& target) {
        std::map<std::uint64_t, long> figures;  // a unit stands in several tiles
        for (auto const& tile : tiles_of_ben_tre(9)) {
            for (auto const& unit : features(fmt::format("/tiles/{}/{}.mvt{}", target.substr(0, target.find('?')), tile.path(),
                                                         target.find('?') == std::string::npos ? "" : target.substr(target.find('?'))))) {
                figures[*unit.id] = unit.number("products", -1000000);
            }
        }
        long sum = 0;
        for (auto const& [id, figure] : figures) sum += figure;
        return sum;
    };
    auto const in_force = [&](std::string const& at) {
        return std::stol(
            database.value(fmt::format("SET ocopmap.at = '{}'; SELECT count(*) FROM pub.product WHERE star IS NOT NULL AND lineage_key IS NOT NULL", at)));
    };
    EXPECT_EQ(total("communes"), in_force(""));
    EXPECT_EQ(total("districts"), in_force(""));
    EXPECT_EQ(total("communes?at=2025-06-30"), in_force("2025-06-30"));
    EXPECT_EQ(total("districts?at=2025-06-30"), in_force("2025-06-30"));
    EXPECT_GT(in_force(""), 0);
}

TEST_F(VectorTilesTest, FormerDistrictsSaySo) {
    auto const units = features("/tiles/districts/8/203/120.mvt");
    ASSERT_FALSE(units.empty());
    EXPECT_EQ(units[0].tags.at("in_force"), "false");
    EXPECT_EQ(features("/tiles/districts/8/203/120.mvt?at=2025-06-30").at(0).tags.at("in_force"), "true");
    EXPECT_EQ(features("/tiles/communes/8/203/120.mvt").at(0).tags.at("in_force"), "true");
}

TEST_F(VectorTilesTest, SaysWhyThereIsNoTile) {
    EXPECT_EQ(get("/tiles/communes/8/203.5/120.mvt").status, 400);
    EXPECT_EQ(get("/tiles/communes/8/256/120.mvt").status, 400);
    EXPECT_EQ(get("/tiles/communes/25/0/0.mvt").status, 400);
    EXPECT_EQ(get("/tiles/communes/15/26000/15400.mvt").status, 404);
    EXPECT_EQ(get("/tiles/communes/8/0/0.mvt").status, 404);
    auto const outside = TileId::containing({105.70, 9.40}, 14);  // in the box, outside the province
    EXPECT_EQ(get("/tiles/communes/" + outside.path() + ".mvt").status, 204);
    auto const unknown = get("/tiles/roads/8/203/120.mvt");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_THAT(unknown.body, HasSubstr("sales_points"));
    auto const no_date = get("/tiles/communes/8/203/120.mvt?at=31-31-2025");
    EXPECT_EQ(no_date.status, 400);
    EXPECT_THAT(no_date.body, HasSubstr("YYYY-MM-DD"));
    auto const no_frame = get("/tiles/communes/8/203/120.mvt?at=1975-04-30");
    EXPECT_EQ(no_frame.status, 404);
    EXPECT_THAT(no_frame.body, HasSubstr("nearest"));
    EXPECT_EQ(get("/tiles/communes/8/203/120.mvt?filter=x").status, 400);
    EXPECT_EQ(get("/tiles/communes/8/203/120.mvt?at=2025-06-30&at=2025-07-01").status, 400);
}

TEST_F(VectorTilesTest, LaysOnDiskWhatNginxServesAndNothingElse) {
    EXPECT_EQ(get("/tiles/communes/8/203/120.mvt").status, 200);
    EXPECT_TRUE(is_on_disk("communes/8/203/120"));
    EXPECT_TRUE(std::filesystem::exists(cache_dir / "tiles/communes/8/203/120.mvt.gz"));
    auto const empty = "communes/" + TileId::containing({105.70, 9.40}, 14).path() + ".mvt";
    EXPECT_EQ(get("/tiles/" + empty).status, 204);
    EXPECT_TRUE(std::filesystem::exists(cache_dir / "tiles" / (empty + ".empty")));
    EXPECT_FALSE(std::filesystem::exists(cache_dir / "tiles" / empty));
    EXPECT_EQ(get("/tiles/shoreline,rivers/9/407/241.mvt").status / 100, 2);
    EXPECT_EQ(get("/tiles/communes,zones/9/407/241.mvt").status, 200);
    EXPECT_EQ(get("/tiles/zones/9/407/241.mvt?at=2025-06-30").status / 100, 2);
    EXPECT_FALSE(std::filesystem::exists(cache_dir / "tiles/communes,zones"));
    EXPECT_FALSE(std::filesystem::exists(cache_dir / "tiles/zones"));

    auto const first = get("/tiles/communes/8/203/120.mvt", "br, gzip");
    EXPECT_EQ(first.header("Content-Encoding"), "gzip") << "brotli comes later";
    EXPECT_EQ(get("/tiles/communes/8/203/120.mvt", "gzip", first.header("ETag")).status, 304);
    EXPECT_EQ(first.header("Vary"), "Accept-Encoding");
    EXPECT_NE(get("/tiles/communes/8/203/120.mvt").header("ETag"), first.header("ETag"));
}

TEST_F(VectorTilesTest, ARenderEndsAtTheNextLayerWhenItsClientHangsUp) {
    service.reset();
    store_bytes = 0;  // nothing is held: the database can be made to keep a render waiting
    start();
    auto const client = std::make_shared<CapturingResponder>();
    auto const stored = service->catalogue().stored_name(service->catalogue().find_list("all")) + "/10/814/482";
    {
        pqxx::connection owner{database.conninfo()};
        pqxx::work holding{owner};
        holding.exec("LOCK TABLE geo.zone IN ACCESS EXCLUSIVE MODE");
        auto const gone = ask("/tiles/all/10/814/482.mvt", {}, {}, client);
        ASSERT_TRUE(eventually([&] {
            return database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'ocopmap_tiles' "
                                  "AND wait_event_type = 'Lock' AND query LIKE '%tile.zone%'") == "1";
        }));
        client->aborted = true;
    }
    auto const cancelled = [&] { return get("/metrics").body.find("\nocopmap_tile_cancelled_total 1\n") != std::string::npos; };
    EXPECT_TRUE(eventually(cancelled)) << get("/metrics").body;
    EXPECT_FALSE(is_on_disk(stored));
    EXPECT_EQ(get("/tiles/all/10/814/482.mvt").status, 200);
    EXPECT_TRUE(is_on_disk(stored));
}

TEST_F(VectorTilesTest, TileJsonNamesLayersFieldsAndAddress) {
    auto const answer = get("/tiles/communes,products.json?at=2025-06-30");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("\"tilejson\":\"3.0.0\""));
    EXPECT_THAT(answer.body, HasSubstr("/tiles/communes,products/{z}/{x}/{y}.mvt?at=2025-06-30"));
    EXPECT_THAT(answer.body, HasSubstr("point_count"));
}

}  // namespace tile_server
