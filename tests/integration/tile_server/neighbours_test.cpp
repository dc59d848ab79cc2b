// Neighbouring units in tiles: what they share and what lies between them, measured by GEOS.
#include "tests/integration/tile_server/service_fixture.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <random>
#include <set>

namespace tile_server {

using gis_core::Date;
using gis_core::TileId;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

class NeighboursTest : public ServiceTest {
protected:
    struct Widths {
        double overlap = 0, gap = 0;
    };
    /// The widest place, in tile units (the diameter of the largest circle in it), that two units of the tile both cover, and that none covers although the
    /// record has a unit there. Where the record has none within 16 units the outline may lie: a level moves it by a few.
    Widths measured(TileId tile, std::vector<test_support::MvtFeature> const& units, Layer const& layer) {
        std::string values;
        for (auto const& unit : units)
            values += fmt::format("{}({}, ST_GeomFromText('{}'))", values.empty() ? "" : ", ", &unit - units.data(), unit.polygon_wkt());
        auto const bounds = tile.bounds();
        auto const unit = (bounds.east - bounds.west) / 4096;
        auto const row = tx->exec1(fmt::format(R"(
WITH drawn (i, g) AS (VALUES {values}),
ground AS (SELECT ST_Affine(ST_SetSRID({geometry}, 0), 1 / {unit}::float8, 0, 0, -1 / {unit}::float8, -{west}::float8 / {unit}::float8, {north}::float8 / {unit}::float8) AS g FROM {view}
           WHERE {geometry} && ST_Expand(ST_TileEnvelope({z}, {x}, {y}), 64 * {unit}::float8)),
tile AS (SELECT ST_MakeEnvelope(0, 0, 4096, 4096) AS g),
twice AS (SELECT ST_Intersection(a.g, b.g) AS g FROM drawn a JOIN drawn b ON a.i < b.i AND ST_Intersects(a.g, b.g)),
bare AS (SELECT ST_Difference(ST_Difference(t.g, (SELECT ST_Union(g) FROM drawn)),
                              ST_Buffer(ST_Difference(ST_Expand(t.g, 64), coalesce((SELECT ST_Union(g) FROM ground), 'POLYGON EMPTY')), 16)) AS g FROM tile t)
SELECT coalesce((SELECT max(2 * (ST_MaximumInscribedCircle(d.geom)).radius) FROM twice, ST_Dump(g) d WHERE ST_Dimension(d.geom) = 2), 0),
       coalesce((SELECT max(2 * (ST_MaximumInscribedCircle(d.geom)).radius) FROM bare, ST_Dump(g) d WHERE ST_Dimension(d.geom) = 2), 0))",
                                               fmt::arg("values", values), fmt::arg("geometry", layer.geometry_column_3857), fmt::arg("view", layer.view),
                                               fmt::arg("unit", fmt::format("{:.17g}", unit)), fmt::arg("west", fmt::format("({:.17g})", bounds.west)),
                                               fmt::arg("north", fmt::format("({:.17g})", bounds.north)), fmt::arg("z", int{tile.z}), fmt::arg("x", tile.x),
                                               fmt::arg("y", tile.y)));
        return {row[0].as<double>(), row[1].as<double>()};
    }
    std::unique_ptr<pqxx::connection> connection;
    std::unique_ptr<pqxx::work> tx;
};

TEST_F(NeighboursTest, NeitherOverlapNorLeaveAGapOfMoreThanAUnit) {
    ASSERT_TRUE(eventually([&] { return service->store().is_settled(); }));
    connection = std::make_unique<pqxx::connection>(database.conninfo());
    std::mt19937 random{20261201};
    int tiles = 0, pairs = 0;
    for (auto const& layer : service->catalogue().layers()) {
        if (layer.kind != LayerKind::units) continue;
        for (auto const* const shown : {"2025-06-30", "2025-07-01"}) {
            tx.reset();  // one at a time
            tx = std::make_unique<pqxx::work>(*connection);
            tx->exec(fmt::format("SET LOCAL jit = off; SET LOCAL ocopmap.at = '{}'", shown));
            std::vector<gis_core::LonLat> corners;
            for (auto const& row : tx->exec(fmt::format("SELECT ST_X(geom), ST_Y(geom) FROM (SELECT (ST_DumpPoints({})).geom FROM {}) p ORDER BY 1, 2",
                                                        layer.geometry_column, layer.view)))
                corners.push_back({row[0].as<double>(), row[1].as<double>()});
            if (corners.empty()) continue;
            std::set<std::string> seen;
            for (int zoom = layer.min_zoom; zoom <= layer.max_zoom; ++zoom) {
                for (int i = 0; i < 6; ++i) {
                    auto const& corner = corners[std::uniform_int_distribution<std::size_t>{0, corners.size() - 1}(random)];
                    auto const tile = TileId::containing(corner, static_cast<std::uint8_t>(zoom));
                    if (!seen.insert(tile.path()).second) continue;
                    auto const target = fmt::format("/tiles/{}/{}.mvt?at={}", layer.id, tile.path(), shown);
                    auto const units = features(target);
                    if (units.empty()) continue;
                    auto const widths = measured(tile, units, layer);
                    EXPECT_LE(widths.overlap, 1) << target;
                    EXPECT_LE(widths.gap, 1) << target;
                    ++tiles;
                    pairs += units.size() > 1 ? 1 : 0;
                }
            }
        }
    }
    EXPECT_GT(tiles, 100);
    EXPECT_GT(pairs, tiles / 2);
}

}  // namespace tile_server
