// Tiles of random layers, places, zooms and days against what others make of the same rows: ST_AsMVT, GEOS, GDAL and the npm packages.
#include "tests/integration/tile_server/service_fixture.hpp"
#include "tests/support/mvt_difference.hpp"
#include "tests/support/process.hpp"
#include "tile_server/mvt_geometry.hpp"

#include <cpl_vsi.h>
#include <fmt/format.h>
#include <gdal.h>
#include <pqxx/binarystring>
#include <pqxx/pqxx>

#include <fstream>
#include <random>

namespace tile_server {

using gis_core::Date;
using gis_core::TileId;
using gis_core::layers::AttributeType;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

class RandomTilesTest : public ServiceTest {
protected:
    struct Pick {
        std::string name;  // a layer's or a combination's
        TileId tile;
        std::optional<Date> at;
        std::string address() const { return fmt::format("/tiles/{}/{}.mvt{}", name, tile.path(), at ? "?at=" + at->iso() : ""); }
    };
    using Features = std::vector<test_support::MvtFeature>;

    void SetUp() override {
        ServiceTest::SetUp();
        ASSERT_TRUE(eventually([&] { return service->store().is_settled(); }));
        connection = std::make_unique<pqxx::connection>(database.conninfo());
        pqxx::nontransaction tx{*connection};
        tx.exec("SET jit = off; SET client_min_messages = warning");
        for (auto const& layer : service->catalogue().layers()) {
            for (auto const& row :
                 tx.exec(fmt::format("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface({}) AS p FROM {}) r WHERE p IS NOT NULL ORDER BY 1, 2",
                                     layer.geometry_column, layer.version_view.empty() ? layer.view : layer.version_view)))
                places[layer.id].push_back({row[0].as<double>(), row[1].as<double>()});
        }
    }
    std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>{0, count - 1}(random); }

    /// On a row of the layer, or beside one; every tenth a tile of all layers; half of them on another day than today.
    Pick pick() {
        auto const& layers = service->catalogue().layers();
        auto const& layer = layers[below(layers.size())];
        auto const zoom = std::uniform_int_distribution<int>{layer.min_zoom, layer.max_zoom}(random);
        auto const& near = places.at(layer.id);
        auto tile = TileId::containing(near[below(near.size())], static_cast<std::uint8_t>(zoom));
        auto const last = (std::uint32_t{1} << tile.z) - 1;
        if (below(4) == 0) tile.x = std::min(tile.x + static_cast<std::uint32_t>(below(2)), last);
        if (below(4) == 0) tile.y = std::min(tile.y + static_cast<std::uint32_t>(below(2)), last);
        std::optional<Date> at;
        if (layer.has_at && below(2) == 0) {
            auto const first = Date::from_field("first", "2025-01-01");
            at = below(8) == 0 ? Date::from_field("day", below(2) == 0 ? "2025-06-30" : "2025-07-01")
                               : Date{first.days + std::chrono::days{static_cast<int>(below(4 * 365))}};
        }
        return {below(10) == 0 ? "all" : layer.id, tile, at};
    }

    static std::string columns_of(Layer const& layer) {
        std::string out;
        for (auto const& attribute : layer.attributes) {
            if (!attribute.is_in_tiles || attribute.is_derived) continue;
            char const* type = "text";
            if (attribute.type == AttributeType::number) type = "float8";
            if (attribute.type == AttributeType::integer) type = "bigint";
            if (attribute.type == AttributeType::boolean) type = "boolean";
            out += fmt::format(", v.{0}::{1} AS {0}", attribute.name, type);
        }
        return out;
    }
    /// {ground} the tile, {unit} a side of its units, {id} the layer: the rest is the layer's own.
    static std::string filled(std::string text, std::vector<std::pair<std::string, std::string>> const& values) {
        for (auto const& [name, value] : values) {
            for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) text.replace(at, name.size(), value);
        }
        return text;
    }

    /// The last day on which the layer's lines are known, where it goes on showing them.
    Date shown_day(Layer const& layer, Date at) {
        if (!layer.shows_former) return at;
        pqxx::nontransaction tx{*connection};
        auto const last = Date::parse(
            tx.exec1("SELECT coalesce(max(valid_to), 'infinity')::date - 1 FROM geo.admin_unit WHERE level = " + tx.quote(layer.level) + "::geo.unit_level")[0]
                .as<std::string>());
        return last && *last < at ? *last : at;
    }
    using Figures = std::map<std::uint64_t, std::pair<std::string, std::string>>;
    /// Products with a certificate in force and their producers, by unit of the day that is shown, from the list of products itself.
    Figures const& figures(Layer const& layer, Date at, Date shown) {
        auto const name = layer.level + at.iso();
        if (auto const found = counted.find(name); found != counted.end()) return found->second;
        auto& out = counted[name];
        pqxx::work tx{*connection};
        tx.exec(fmt::format("SET LOCAL ocopmap.at = '{}'", at.iso()));
        for (auto const& row : tx.exec(
                 fmt::format("SELECT {}, count(*), count(DISTINCT p.producer_key) FROM pub.product p JOIN geo.lineage_unit l ON l.lineage_key = p.lineage_key "
                             "AND l.valid_from <= '{}' AND (l.valid_to IS NULL OR l.valid_to > '{}') JOIN geo.admin_unit u ON u.unit_key = l.unit_key "
                             "WHERE p.star IS NOT NULL GROUP BY 1",
                             layer.level == "district" ? "u.parent_key" : "u.unit_key", shown.iso(), shown.iso())))
            if (!row[0].is_null()) out[row[0].as<std::uint64_t>()] = {row[1].as<std::string>(), row[2].as<std::string>()};
        return out;
    }

    static char const* sql_of(Layer const& layer, TileId tile) {
        switch (layer.kind) {
        case LayerKind::units:
            return "SELECT v.{key} AS id, ST_AsMVTGeom(coalesce(l.geom, v.{geometry}), {ground}, 4096, 64, true) AS g{columns} FROM {view} v "
                   "LEFT JOIN tile.unit_level l ON l.level = '{level}' AND l.zoom = {z} AND l.unit_key = v.{key} AND l.frame_from = "
                   "(SELECT max(frame_from) FROM tile.level_frame WHERE level = '{level}' AND frame_from <= pub.at()) ORDER BY 1";
        case LayerKind::lines:
            return "SELECT v.{key} AS id, ST_AsMVTGeom(t.{geometry}, {ground}, 4096, 64, true) AS g{columns} FROM {view} v JOIN {tile_view} t USING ({key}) "
                   "ORDER BY 1";
        case LayerKind::polygons:
            // Those shorter than 4 units, by crop, as the squares of their first corners; then the others.
            return "WITH shown AS (SELECT v.{key} AS id{columns}, t.{geometry} AS geom, "
                   "greatest(ST_XMax(t.{geometry}) - ST_XMin(t.{geometry}), ST_YMax(t.{geometry}) - ST_YMin(t.{geometry})) / {unit} AS side, "
                   "floor((ST_X(c) - ST_XMin({ground})) / {unit} / 4)::int AS x, floor((ST_YMax({ground}) - ST_Y(c)) / {unit} / 4)::int AS y "
                   "FROM {view} v JOIN {tile_view} t USING ({key}), LATERAL (SELECT ST_PointN(ST_ExteriorRing(ST_GeometryN(t.{geometry}, 1)), 1) AS c) c), "
                   "small AS (SELECT {by}, count(*) AS feature_count, round(sum({sum})::numeric, 2)::float8 AS {sum}, "
                   "ST_Union(ST_MakeEnvelope(ST_XMin({ground}) + 4 * x * {unit}, ST_YMax({ground}) - 4 * (y + 1) * {unit}, ST_XMin({ground}) + 4 * (x + 1) * "
                   "{unit}, "
                   "ST_YMax({ground}) - 4 * y * {unit}, 3857)) AS geom FROM shown WHERE side < 4 AND x BETWEEN 0 AND 1023 AND y BETWEEN 0 AND 1023 GROUP BY "
                   "{by}) "
                   "SELECT * FROM (SELECT NULL::bigint AS id, ST_AsMVTGeom(geom, {ground}, 4096, 64, true) AS g, feature_count{small} FROM small "
                   "UNION ALL SELECT id, ST_AsMVTGeom(geom, {ground}, 4096, 64, true), NULL{names} FROM shown WHERE side >= 4) u ORDER BY id NULLS FIRST, {by}";
        case LayerKind::points: break;
        }
        if (tile.z == layer.max_zoom)
            return "SELECT v.{key} AS id, ST_AsMVTGeom(v.{geometry}, {ground}, 4096, 0, false) AS g{columns} FROM {view} v WHERE "
                   "floor((ST_X(v.{geometry}) - ST_XMin({ground})) / {unit} / 4096) = 0 AND floor((ST_YMax({ground}) - ST_Y(v.{geometry})) / {unit} / 4096) = "
                   "0 ORDER BY 1";
        return "WITH cell AS (SELECT floor((ST_X({geometry}) - ST_XMin({ground})) / {unit} / 256) AS x, floor((ST_YMax({ground}) - ST_Y({geometry})) / {unit} "
               "/ 256) AS y, "
               "count(*) AS n, avg(ST_X({geometry})) AS east, avg(ST_Y({geometry})) AS north, min({key}) AS {key}{counts} FROM {view} GROUP BY 1, 2) "
               "SELECT CASE WHEN n = 1 THEN c.{key} END AS id, ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(east, north), 3857), {ground}, 4096, 0, false) AS g, "
               "nullif(n, 1) AS point_count{counted}{columns} FROM cell c LEFT JOIN {view} v ON v.{key} = c.{key} AND c.n = 1 "
               "WHERE c.x BETWEEN 0 AND 15 AND c.y BETWEEN 0 AND 15 ORDER BY c.y, c.x";
    }
    /// What ST_AsMVT makes of the layer's rows there, from the level that the zoom is drawn from and in the groups of its clusters.
    Features reference(Layer const& layer, TileId tile, Date at) {
        auto const shown = shown_day(layer, at);
        std::string names, small, counts, stars;
        for (auto const& attribute : layer.attributes) {
            if (!attribute.is_in_tiles || attribute.is_derived) continue;
            names += ", " + attribute.name;
            small += attribute.name == layer.merge_by || attribute.name == layer.merge_sum ? ", " + attribute.name : ", NULL AS " + attribute.name;
        }
        if (layer.counts_by_star) {
            for (int star = 3; star <= 5; ++star) {
                counts += fmt::format(", nullif(count(*) FILTER (WHERE star = {0}), 0) AS star_{0}", star);
                stars += fmt::format(", CASE WHEN n > 1 THEN star_{0} END AS star_{0}", star);
            }
            counts += ", round(avg(star), 2)::float8 AS star_mean";
            stars += ", CASE WHEN n > 1 THEN star_mean END AS star_mean";
            for (int sector = 1; auto const* number : {"I", "II", "III", "IV", "V", "VI"}) {
                counts += fmt::format(", nullif(count(*) FILTER (WHERE split_part(class_code, '.', 1) = '{}'), 0) AS sector_{}", number, sector);
                stars += fmt::format(", CASE WHEN n > 1 THEN sector_{0} END AS sector_{0}", sector);
                ++sector;
            }
        }
        auto const coarse = !layer.coarse_column.empty() && tile.z <= layer.coarse_zoom;
        auto const bounds = tile.bounds();
        auto const sql = filled(sql_of(layer, tile), {{"{columns}", columns_of(layer)},
                                                      {"{names}", names},
                                                      {"{small}", small},
                                                      {"{counts}", counts},
                                                      {"{counted}", stars},
                                                      {"{by}", layer.merge_by},
                                                      {"{sum}", layer.merge_sum},
                                                      {"{key}", layer.key},
                                                      {"{view}", layer.view},
                                                      {"{tile_view}", layer.tile_view.empty() ? layer.view : layer.tile_view},
                                                      {"{geometry}", coarse ? layer.coarse_column : layer.geometry_column_3857},
                                                      {"{level}", layer.level},
                                                      {"{z}", std::to_string(tile.z)},
                                                      {"{unit}", fmt::format("({:.17g}::float8)", (bounds.east - bounds.west) / kExtent)},
                                                      {"{ground}", fmt::format("ST_TileEnvelope({}, {}, {})", tile.z, tile.x, tile.y)}});
        std::string bytes;
        {
            pqxx::work tx{*connection};
            tx.exec(fmt::format("SET LOCAL ocopmap.at = '{}'", shown.iso()));
            pqxx::binarystring const made{tx.exec1(fmt::format("SELECT ST_AsMVT(t, '{}', 4096, 'g', 'id') FROM ({}) t WHERE g IS NOT NULL", layer.id, sql))[0]};
            bytes.assign(made.get(), made.size());
        }
        auto layers = test_support::decode_mvt(bytes);
        auto out = layers.empty() ? Features{} : std::move(layers[0].features);
        if (layer.kind == LayerKind::units) {
            auto const has_figures = layer.find_attribute("products") != nullptr;
            for (auto& unit : out) {
                unit.tags["in_force"] = shown == at ? "true" : "false";
                if (!has_figures) continue;
                auto const& all = figures(layer, at, shown);
                auto const found = all.find(*unit.id);
                unit.tags["products"] = found == all.end() ? "0" : found->second.first;
                unit.tags["producers"] = found == all.end() ? "0" : found->second.second;
            }
        }
        return out;
    }
    /// GEOS' opinion, by PostGIS; polygon_wkt() has refused what is wound the wrong way or has no area.
    std::string invalid(Features const& features) {
        std::string values;
        for (auto const& feature : features) {
            if (feature.type != 3) continue;
            values += fmt::format("{}({}, ST_GeomFromText('{}'))", values.empty() ? "" : ",", &feature - features.data(), feature.polygon_wkt());
            ++polygons;
        }
        if (values.empty()) return {};
        pqxx::nontransaction tx{*connection};
        return tx
            .exec1("SELECT coalesce(string_agg('feature ' || i || ': ' || ST_IsValidReason(g), '; '), '') FROM (VALUES " + values +
                   ") v (i, g) WHERE NOT ST_IsValid(g)")[0]
            .as<std::string>();
    }
    static std::map<std::string, std::int64_t> read_by_gdal(std::string const& bytes) {
        auto copy = std::vector<GByte>(bytes.begin(), bytes.end());
        VSIFCloseL(VSIFileFromMemBuffer("/vsimem/random.mvt", copy.data(), copy.size(), FALSE));
        char const* const drivers[] = {"MVT", nullptr};
        char const* const options[] = {"CLIP=NO", nullptr};
        std::map<std::string, std::int64_t> out;
        if (auto* const dataset = GDALOpenEx("MVT:/vsimem/random.mvt", GDAL_OF_VECTOR, drivers, options, nullptr)) {
            for (int i = 0; i < GDALDatasetGetLayerCount(dataset); ++i) {
                auto* const layer = GDALDatasetGetLayer(dataset, i);
                while (auto* const feature = OGR_L_GetNextFeature(layer)) {
                    if (auto* const geometry = OGR_F_GetGeometryRef(feature); geometry != nullptr && OGR_G_IsEmpty(geometry) == 0) ++out[OGR_L_GetName(layer)];
                    OGR_F_Destroy(feature);
                }
            }
            GDALClose(dataset);
        }
        VSIUnlink("/vsimem/random.mvt");
        return out;
    }

    std::mt19937_64 random{20261130};
    std::unique_ptr<pqxx::connection> connection;
    std::map<std::string, std::vector<gis_core::LonLat>> places;
    std::map<std::string, Figures> counted;
    long polygons = 0;
};

// OCOPMAP_TEST_TILES: how many; ./dev nightly asks for 10,000.
TEST_F(RandomTilesTest, AreThoseOfStAsMvtValidAndReadByOthers) {
    auto const* const asked = std::getenv("OCOPMAP_TEST_TILES");
    int const wanted = asked != nullptr ? std::atoi(asked) : 300;
    GDALAllRegister();
    auto const folder = cache_dir / "read";
    std::filesystem::create_directory(folder);
    std::ofstream list{folder / "list"};
    long features = 0, files = 0;
    for (int made = 0, asks = 0; made < wanted && asks < 2 * wanted; ++asks) {
        auto const one = pick();
        auto const answer = get(one.address());
        if (answer.status == 404) continue;  // outside the layer, or no boundaries on that day
        ++made;
        ASSERT_TRUE(answer.status == 200 || answer.status == 204) << one.address() << ": " << answer.body;
        try {
            std::map<std::string, Features> ours;
            for (auto& layer : test_support::decode_mvt(answer.body)) ours[layer.name] = std::move(layer.features);
            for (auto const* layer : service->catalogue().find_list(one.name)) {
                if (!layer->covers(one.tile)) continue;
                EXPECT_EQ(test_support::difference(ours[layer->id], reference(*layer, one.tile, one.at.value_or(today()))), "")
                    << one.address() << ' ' << layer->id;
            }
            auto const by_gdal = read_by_gdal(answer.body);
            std::string line = fmt::format("{}.mvt {} {} {}", files, one.tile.z, one.tile.x, one.tile.y);
            for (auto const& [name, found] : ours) {
                if (found.empty()) continue;
                features += static_cast<long>(found.size());
                EXPECT_EQ(invalid(found), "") << one.address() << ' ' << name;
                EXPECT_EQ(by_gdal.contains(name) ? by_gdal.at(name) : 0, found.size()) << one.address() << ' ' << name << " by GDAL";
                line += fmt::format(" {}={}", name, found.size());
            }
            if (answer.body.empty()) continue;
            list << line << '\n';
            std::ofstream{folder / fmt::format("{}.mvt", files++), std::ios::binary} << answer.body;
        } catch (std::exception const& error) {
            ADD_FAILURE() << one.address() << ": " << error.what();
        }
    }
    list.close();
    auto const read = test_support::run({"node", OCOPMAP_SOURCE_DIR "/tests/integration/tile_server/read_tiles.mjs", folder}, {}, std::chrono::minutes{30});
    EXPECT_EQ(read.exit_code, 0) << read.output;
    EXPECT_GT(files, wanted / 2);
    RecordProperty("features", static_cast<int>(features));
    fmt::print("{} tiles, {} of them with {} features, {} of those polygons\n", wanted, files, features, polygons);
}

}  // namespace tile_server
