#include "tile_server/explain.hpp"
#include "gis_core/json.hpp"
#include "tests/integration/tile_server/service_fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <protozero/pbf_writer.hpp>

#include <numeric>

namespace tile_server {

using gis_core::Json;
using gis_core::TileId;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class ExplainTest : public ServiceTest {
protected:
    void SetUp() override {
        ServiceTest::SetUp();
        ASSERT_TRUE(eventually([&] { return service->store().is_settled(); }, std::chrono::seconds{20}));
    }
    Json explained(std::string const& target) {
        auto const answer = get(target);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return gis_core::parse_json(answer.body, "answer");
    }
};

TEST_F(ExplainTest, PartsAddUpToTheTile) {
    std::string const place = "9/407/241";
    auto const tile = get("/tiles/all/" + place + ".mvt").body;
    auto const json = explained("/tiles/explain/all/" + place);
    EXPECT_EQ(json["bytes"]["plain"], tile.size());
    EXPECT_EQ(json["stored"]["plain"], tile.size());
    EXPECT_EQ(json["stored"]["publication"],
              service->cache().find({service->catalogue().stored_name(service->catalogue().find_list("all")), {9, 407, 241}, ".mvt"})->sequence);
    std::size_t sum = 0;
    auto const decoded = test_support::decode_mvt(tile);
    std::size_t with_features = 0;
    for (auto const& layer : json["layers"]) {
        if (layer["features"] == 0) continue;
        ++with_features;
        auto const& bytes = layer["bytes"];
        sum += bytes["total"].get<std::size_t>();
        std::size_t parts = 0;
        for (auto const* name : {"geometry", "tags", "keys", "values", "rest"}) parts += bytes[name].get<std::size_t>();
        EXPECT_EQ(parts, bytes["total"]) << layer;
        auto const found = std::find_if(decoded.begin(), decoded.end(), [&](auto const& one) { return one.name == layer["layer"]; });
        ASSERT_NE(found, decoded.end()) << layer;
        EXPECT_EQ(layer["features"], found->features.size());
        std::map<std::string, int> types;
        std::map<std::string, std::size_t> uses;
        for (auto const& feature : found->features) {
            ++types[feature.type == 1 ? "point" : feature.type == 2 ? "line" : "polygon"];
            for (auto const& [key, value] : feature.tags) ++uses[key];
        }
        EXPECT_EQ(layer["types"], Json(types)) << layer["layer"];
        for (auto const& attribute : layer["attributes"]) EXPECT_EQ(attribute["features"], uses[attribute["key"].get<std::string>()]) << attribute;
        EXPECT_EQ(layer["attributes"].size(), uses.size());
    }
    EXPECT_EQ(sum, tile.size());
    EXPECT_EQ(with_features, decoded.size());
}

TEST_F(ExplainTest, SaysWhereEachLayerCameFromAndHowManyRowsWereLookedAt) {
    auto const row = database.query("SELECT ST_X(geom), ST_Y(geom) FROM pub.product WHERE geom IS NOT NULL LIMIT 1")[0];
    auto const tile = TileId::containing({std::stod(row[0]), std::stod(row[1])}, 9);
    auto const json = explained(fmt::format("/tiles/explain/products/{}", tile.path()));
    auto const& layer = json["layers"][0];
    EXPECT_EQ(layer["source"], "memory");
    std::int64_t counted = 0;
    for (auto const& feature : features(fmt::format("/tiles/products/{}.mvt", tile.path()))) counted += feature.number("point_count", 1);
    EXPECT_EQ(layer["rows"], counted);
    auto const filtered = explained(fmt::format("/tiles/explain/products/{}?filter=star%3E%3D4", tile.path()));
    EXPECT_LT(filtered["layers"][0]["rows"], counted);
    EXPECT_TRUE(filtered["stored"].is_null());
    for (auto const* stage : {"search", "geometry", "encode", "rest", "total"}) EXPECT_GE(layer["ms"][stage], 0.0) << stage;
    EXPECT_GT(layer["ms"]["search"], 0.0);
    service.reset();
    store_bytes = 0;  // nothing is held
    start();
    EXPECT_EQ(explained(fmt::format("/tiles/explain/products/{}", tile.path()))["layers"][0]["source"], "database");
}

TEST_F(ExplainTest, RefusesWhatATileRefuses) {
    EXPECT_EQ(get("/tiles/explain/roads/9/407/241").status, 404);
    EXPECT_EQ(get("/tiles/explain/communes/9/1/1").status, 404);
    EXPECT_EQ(get("/tiles/explain/communes/9/512/1").status, 400);
    EXPECT_EQ(get("/tiles/explain/communes/9/407/241?at=yesterday").status, 400);
}

TEST(ExplainContentsTest, CountsVerticesAndSharesOfATileWrittenByHand) {
    std::string bytes;
    {
        protozero::pbf_writer tile{bytes};
        protozero::pbf_writer layer{tile, 3};
        layer.add_uint32(15, 2);
        layer.add_string(1, "roads");
        std::vector<std::uint32_t> const line{9, 4, 4, 18, 0, 16, 16, 0}, tags{0, 0};  // the line of MVT 2.1 §4.3.5.3
        for (std::uint64_t id : {1U, 2U}) {
            protozero::pbf_writer feature{layer, 2};
            feature.add_uint64(1, id);
            feature.add_packed_uint32(2, tags.begin(), tags.end());
            feature.add_enum(3, 2);
            feature.add_packed_uint32(4, line.begin(), line.end());
        }
        layer.add_string(3, "name");
        protozero::pbf_writer value{layer, 4};
        value.add_string(1, "A1");
    }
    auto const layers = contents_of(bytes);
    ASSERT_EQ(layers.size(), 1U);
    EXPECT_EQ(layers[0]["features"], 2);
    EXPECT_EQ(layers[0]["types"]["line"], 2);
    EXPECT_EQ(layers[0]["largest"][0]["vertices"], 3);
    EXPECT_EQ(layers[0]["bytes"]["geometry"], 16);
    EXPECT_EQ(layers[0]["bytes"]["tags"], 4);
    EXPECT_EQ(layers[0]["bytes"]["keys"], 4);
    EXPECT_EQ(layers[0]["bytes"]["values"], 4);
    EXPECT_EQ(layers[0]["bytes"]["total"], bytes.size());
    EXPECT_EQ(layers[0]["attributes"][0], (Json{{"key", "name"}, {"features", 2}, {"values", 1}, {"value_bytes", 4}}));
    EXPECT_THROW(contents_of("\x1a\x7f"), gis_core::Error);
}

class MetricsTest : public ServiceTest {
protected:
    MetricsTest() {
        slow_ms = 0;
        store_bytes = 0;
    }
};

TEST_F(MetricsTest, BytesAndTimeByLayerAndWhatTookLong) {
    auto const tile = get("/tiles/communes/9/407/241.mvt");
    ASSERT_EQ(tile.status, 200);
    get("/tiles/communes/9/407/241.mvt");
    auto const text = get("/metrics").body;
    EXPECT_THAT(text, HasSubstr(fmt::format("ocopmap_tile_layer_bytes_total{{layer=\"communes\",source=\"database\"}} {}\n", tile.body.size())));
    EXPECT_THAT(text, ContainsRegex("ocopmap_tile_layer_seconds_total\\{layer=\"communes\",source=\"database\"\\} 0\\.[0-9]*[1-9]"));
    EXPECT_THAT(text, HasSubstr("ocopmap_tile_layer_tiles_total{layer=\"communes\",source=\"database\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("ocopmap_tile_slow_total 1\n"));
    EXPECT_THAT(text, HasSubstr("ocopmap_tile_disk_hits_total 1\n"));
    EXPECT_THAT(text, HasSubstr("ocopmap_tile_queue 0\n"));
    EXPECT_THAT(text, HasSubstr("ocopmap_tile_changes_followed 1\n"));
    EXPECT_EQ(text.find("ocopmap_tile_last_change_age_seconds"), std::string::npos) << "none yet";
    database.execute("UPDATE geo.zone SET name = name || ' ' WHERE zone_key = (SELECT min(zone_key) FROM geo.zone)");
    EXPECT_TRUE(eventually([&] { return get("/metrics").body.find("ocopmap_tile_last_change_age_seconds") != std::string::npos; }));
    EXPECT_THAT(get("/metrics").body, ContainsRegex("ocopmap_tile_last_change_lag_seconds [0-9]"));
}

}  // namespace tile_server
