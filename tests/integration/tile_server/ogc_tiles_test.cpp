// Tiles of other matrix sets beside those that PostGIS encodes, and after an edit.
#include "tests/integration/tile_server/service_fixture.hpp"
#include "tests/support/mvt_difference.hpp"
#include "tile_server/ogc/routes.hpp"
#include "tile_server/tags.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pqxx/binarystring>
#include <pqxx/pqxx>

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

// Rows and outlines are those of ST_AsMVT in the set's own system, attributes those of the same row in WebMercatorQuad.
TEST_F(OgcTilesDbTest, TilesOfOtherSetsHoldWhatStAsMvtMakesThere) {
    pqxx::connection connection{database.conninfo()};
    int features_seen = 0;
    for (auto const* const id : {"WorldCRS84Quad", "VN2000TM3-10545Quad"}) {
        auto const& set = gis_core::find_tile_matrix_set(id);
        for (auto const& [name, web_zoom] : std::vector<std::pair<std::string, int>>{{"products", 10},
                                                                                     {"products", 14},
                                                                                     {"sales_points", 9},
                                                                                     {"sales_points", 14},
                                                                                     {"zones", 11},
                                                                                     {"zones", 13},
                                                                                     {"communes", 8},
                                                                                     {"communes", 12},
                                                                                     {"districts", 9},
                                                                                     {"rivers", 10}}) {
            auto const& layer = *service->catalogue().find(name);
            int level = 0;
            while (set.web_zoom(level) < web_zoom) ++level;
            auto const named = fmt::format("{} {} {}", id, name, level);
            pqxx::work tx{connection};
            auto const place = tx.exec1(fmt::format(  // of the row that is nearest to the middle of the province, in both systems
                "SELECT ST_X(ST_Transform(p, {0})), ST_Y(ST_Transform(p, {0})), ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface({1}) AS p FROM {2} "
                "ORDER BY {1} <-> ST_SetSRID(ST_MakePoint(106.375, 10.24), 4326), 1 LIMIT 1) r",
                set.crs->srid, layer.geometry_column, layer.shows_former ? layer.version_view : layer.view));
            auto const side = set.cell_size_of(level) * set.kTileCells;
            gis_core::TileId const tile{static_cast<std::uint8_t>(level), static_cast<std::uint32_t>((place[0].as<double>() - set.west) / side),
                                        static_cast<std::uint32_t>((set.north - place[1].as<double>()) / side)};
            auto const box = set.bounds(tile);
            auto const ground = fmt::format("ST_MakeEnvelope({}, {}, {}, {}, {})", box.west, box.south, box.east, box.north, set.crs->srid);
            auto const coarse = !layer.coarse_column.empty() && web_zoom <= layer.coarse_zoom;
            auto const moved = fmt::format("ST_Transform(v.{}, {})", coarse ? layer.coarse_column : layer.geometry_column_3857, set.crs->srid);
            auto const last_zoom = web_zoom == layer.max_zoom;
            std::string sql;
            if (layer.kind == gis_core::layers::LayerKind::points) {
                auto const cell = side / (last_zoom ? 1 : kCells);
                sql = fmt::format(
                    "SELECT CASE WHEN count(*) = 1 THEN min(key) END AS id, ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(avg(ST_X(p)), avg(ST_Y(p))), {0}), "
                    "{1}, 4096, 0, false) AS g, nullif(count(*), 1) AS point_count FROM (SELECT v.{2} AS key, {3} AS p FROM {4} v) r "
                    "WHERE ST_X(p) >= {5} AND ST_X(p) < {6} AND ST_Y(p) > {7} AND ST_Y(p) <= {8} "
                    "GROUP BY floor(({8} - ST_Y(p)) / {9}), floor((ST_X(p) - {5}) / {9}){10} ORDER BY {11}",
                    set.crs->srid, ground, layer.key, moved, layer.view, box.west, box.east, box.south, box.north, cell, last_zoom ? ", key" : "",
                    last_zoom ? "1" : fmt::format("floor(({} - avg(ST_Y(p))) / {}), avg(ST_X(p))", box.north, cell));
            } else if (layer.kind == gis_core::layers::LayerKind::units) {
                sql = fmt::format(
                    "SELECT v.{0} AS id, ST_AsMVTGeom(ST_Transform(coalesce(l.geom, v.{1}), {2}), {3}, 4096, 64, true) AS g FROM {4} v "
                    "LEFT JOIN tile.unit_level l ON l.level = '{5}' AND l.zoom = {6} AND l.unit_key = v.{0} AND l.frame_from = "
                    "(SELECT max(frame_from) FROM tile.level_frame WHERE level = '{5}' AND frame_from <= pub.at()) ORDER BY 1",
                    layer.key, layer.geometry_column_3857, set.crs->srid, ground, layer.view, layer.level, web_zoom);
                if (layer.shows_former) tx.exec("SET LOCAL ocopmap.at = '2025-06-30'");
            } else {
                sql =
                    fmt::format("SELECT v.{} AS id, ST_AsMVTGeom({}, {}, 4096, 64, true) AS g FROM {} v ORDER BY 1", layer.key, moved, ground, layer.tile_view);
            }
            pqxx::binarystring const made{tx.exec1(fmt::format("SELECT ST_AsMVT(t, '{}', 4096, 'g', 'id') FROM ({}) t WHERE g IS NOT NULL", name, sql))[0]};
            tx.commit();
            auto const theirs = test_support::decode_mvt({reinterpret_cast<char const*>(made.data()), made.size()});
            auto ours = features(fmt::format("/ogc/collections/{}/tiles/{}/{}/{}/{}", name, id, level, tile.y, tile.x));
            ASSERT_FALSE(theirs.empty()) << named;
            features_seen += static_cast<int>(ours.size());

            std::map<std::uint64_t, std::map<std::string, std::string>> tags;  // of the ground in WebMercatorQuad
            auto const on_mercator = gis_core::TileId::containing({place[2].as<double>(), place[3].as<double>()}, static_cast<std::uint8_t>(web_zoom));
            for (std::uint32_t x = on_mercator.x - 2; x <= on_mercator.x + 2; ++x) {
                for (std::uint32_t y = on_mercator.y - 2; y <= on_mercator.y + 2; ++y) {
                    auto const there = get(fmt::format("/tiles/{}/{}/{}/{}.mvt", name, web_zoom, x, y));
                    if (there.status != 200) continue;
                    auto const layers_there = test_support::decode_mvt(there.body);
                    for (auto const& feature : layers_there.at(0).features) {
                        if (feature.id) tags[*feature.id] = {feature.tags.begin(), feature.tags.end()};
                    }
                }
            }
            for (auto& feature : ours) {
                if (!feature.id) {  // the counts beside point_count: OgcTilesTest.Points_EveryRowIsCountedOnceALevel
                    feature.tags = {{"point_count", feature.tags.at("point_count")}};
                    continue;
                }
                if (auto const found = tags.find(*feature.id); found != tags.end()) {
                    EXPECT_EQ((std::map<std::string, std::string>{feature.tags.begin(), feature.tags.end()}), found->second) << named;
                }
                feature.tags.clear();
            }
            EXPECT_EQ(test_support::difference(ours, theirs[0].features), "") << named;
        }
    }
    EXPECT_GT(features_seen, 300);
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
