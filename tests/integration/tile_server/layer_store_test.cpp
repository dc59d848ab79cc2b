#include "gis_core/layers/queryables.hpp"
#include "tests/integration/tile_server/service_fixture.hpp"
#include "tests/support/mvt_difference.hpp"
#include "tile_server/filter.hpp"
#include "tile_server/vector_source.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <set>

namespace tile_server {

using gis_core::TileId;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

/// Every tile is drawn twice: from the layer store, and by a source whose store holds nothing, which asks PostGIS.
class LayerStoreTest : public ServiceTest {
protected:
    void SetUp() override {
        ServiceTest::SetUp();
        open_sources();
        ASSERT_TRUE(eventually([&] { return service->store().is_settled(); }));
    }
    void TearDown() override {
        from_store.reset();
        from_record.reset();
        ServiceTest::TearDown();
    }
    void open_sources() {
        from_store = std::make_unique<VectorSource>(service->pool(), service->catalogue(), service->store());
        nothing = std::make_unique<LayerStore>(LayerStore::Config{}, service->catalogue());
        from_record = std::make_unique<VectorSource>(service->pool(), service->catalogue(), *nothing);
    }
    std::vector<Layer const*> held_layers() const {
        std::vector<Layer const*> out;
        for (auto const& layer : service->catalogue().layers()) out.push_back(&layer);
        return out;
    }
    /// Tiles of random zooms on random rows of the layer, and one beside each; the same for the same number.
    std::vector<TileId> random_tiles(Layer const& layer, int rows, unsigned number) {
        std::mt19937 random{number};
        std::vector<TileId> out;
        for (auto const& row : database.query(fmt::format("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface({}) AS p FROM {} WHERE {} IS NOT NULL "
                                                          "ORDER BY md5({}::text || '{}') LIMIT {}) r",
                                                          layer.geometry_column, layer.version_view.empty() ? layer.view : layer.version_view,
                                                          layer.geometry_column, layer.key, number, rows))) {
            auto const zoom = std::uniform_int_distribution<int>{layer.min_zoom, layer.max_zoom}(random);
            auto const tile = TileId::containing({std::stod(row[0]), std::stod(row[1])}, static_cast<std::uint8_t>(zoom));
            out.push_back(tile);
            out.push_back({tile.z, tile.x, tile.y == 0 ? 0 : tile.y - 1});
        }
        return out;
    }
    using Features = std::vector<test_support::MvtFeature>;
    static Features decoded(std::string const& tile) {
        auto layers = test_support::decode_mvt(tile);
        return layers.empty() ? Features{} : layers[0].features;
    }
    /// What differs between the two sources on these tiles; also when the store does not hold one of them.
    std::string difference(Layer const& layer, std::vector<TileId> const& tiles, Filter const* filter = nullptr) {
        return difference(layer, tiles, today(), filter);
    }
    std::string difference(Layer const& layer, std::vector<TileId> const& tiles, gis_core::Date at, Filter const* filter = nullptr) {
        for (auto const& tile : tiles) {
            auto const where = fmt::format("{}/{}: ", layer.id, tile.path());
            if (service->store().find(layer, tile) == nullptr) return where + "not held";
            auto const found =
                test_support::difference(decoded(from_store->render({&layer}, tile, at, filter)), decoded(from_record->render({&layer}, tile, at, filter)));
            if (!found.empty()) return where + found;
        }
        return {};
    }
    Layer const& layer(std::string const& id) { return *service->catalogue().find(id); }
    void edit(std::string const& sql) { database.execute("SET ROLE ocopmap_editor; " + sql); }

    /// After the edit, which shows in the record's tile there, the store comes to agree with the record everywhere.
    void expect_followed(std::string const& id, std::string const& where_sql, std::string const& edit_sql) {
        SCOPED_TRACE(edit_sql);
        auto const row = database.query(fmt::format("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM {}", where_sql)).at(0);
        auto const tile = TileId::containing({std::stod(row[0]), std::stod(row[1])}, 14);
        auto tiles = random_tiles(layer(id), 5, ++seed);
        tiles.push_back(tile);
        auto const before = from_record->render({&layer(id)}, tile, today());
        edit(edit_sql);
        ASSERT_NE(from_record->render({&layer(id)}, tile, today()), before) << "the edit shows";
        for (auto const& there : random_tiles(layer(id), 5, ++seed)) tiles.push_back(there);
        std::string last;
        EXPECT_TRUE(eventually([&] { return (last = difference(layer(id), tiles)).empty(); })) << last;
    }

    std::unique_ptr<LayerStore> nothing;
    std::unique_ptr<VectorSource> from_store, from_record;
    unsigned seed = 1;
};

TEST_F(LayerStoreTest, RandomTilesOfEveryLayerAreThoseOfPostgis) {
    int tiles = 0;
    for (auto const* layer : held_layers()) {
        auto const some = random_tiles(*layer, 60, 20261129);
        tiles += static_cast<int>(some.size());
        for (auto const& tile : some) EXPECT_EQ(difference(*layer, {tile}), "");
        for (int zoom = layer->min_zoom; zoom <= layer->max_zoom; ++zoom) {
            auto const z = static_cast<std::uint8_t>(zoom);
            EXPECT_EQ(difference(*layer, {TileId::containing({106.38, 10.23}, z), TileId::containing({106.5, 10.0}, z)}), "");
        }
    }
    EXPECT_GT(tiles, 300);
}

TEST_F(LayerStoreTest, FollowsEditsByAnySqlClient) {
    std::string const product = database.value("SELECT product_key FROM pub.product WHERE star IS NOT NULL AND geom IS NOT NULL ORDER BY 1 LIMIT 1");
    auto const at_product = "pub.product WHERE product_key = " + product;
    auto const producer = database.value("SELECT producer_key FROM " + at_product);
    auto const zone = database.value("SELECT zone_key FROM pub.zone ORDER BY 1 LIMIT 1");
    auto const shop = database.value("SELECT sales_point_key FROM pub.sales_point WHERE geom IS NOT NULL ORDER BY 1 LIMIT 1");
    auto const of = [](char const* view, char const* key, std::string const& value) { return fmt::format("{} WHERE {} = {}", view, key, value); };

    expect_followed("products", at_product, fmt::format("UPDATE ocop.product SET name = 'Kẹo thử' WHERE product_key = {}", product));
    expect_followed("products", at_product,
                    fmt::format("INSERT INTO ocop.product (producer_key, name, registered_on) SELECT producer_key, 'Mới', '2025-01-01' FROM ocop.product "
                                "WHERE product_key = {}",
                                product));
    expect_followed("products", at_product,
                    fmt::format("UPDATE ocop.certificate SET revoked_on = current_date, revocation_reason = 'test' WHERE product_key = {} AND in_force @> "
                                "current_date",
                                product));
    expect_followed("products", at_product, fmt::format("UPDATE ocop.producer SET name = 'Cơ sở khác' WHERE producer_key = {}", producer));
    expect_followed("producers", of("pub.producer", "producer_key", producer),
                    fmt::format("UPDATE ocop.producer SET facility_geom = ST_Translate(facility_geom, 0.01, 0.01) WHERE producer_key = {}", producer));
    expect_followed("products", at_product, fmt::format("UPDATE ocop.product SET is_published = false WHERE product_key = {}", product));
    expect_followed("producers", of("pub.producer", "producer_key", producer),
                    fmt::format("UPDATE ocop.producer SET is_published = false WHERE producer_key = {}", producer));
    expect_followed("zones", of("pub.zone", "zone_key", zone), fmt::format("UPDATE geo.zone SET geom = ST_Translate(geom, 0.05, 0) WHERE zone_key = {}", zone));
    expect_followed("zones", of("pub.zone", "zone_key", zone), fmt::format("UPDATE geo.zone SET retired_at = now() WHERE zone_key = {}", zone));
    expect_followed("sales_points", of("pub.sales_point", "sales_point_key", shop),
                    fmt::format("DELETE FROM ocop.sales_point WHERE sales_point_key = {}", shop));
    expect_followed("rivers", "pub.river ORDER BY 1 LIMIT 1", "UPDATE geo.context_line SET name = 'Sông thử' WHERE kind = 'river'");
    expect_followed("products", "pub.product WHERE geom IS NOT NULL ORDER BY product_key LIMIT 1", "UPDATE ocop.product SET name = name || ' *'");
    expect_followed("zones", "pub.zone ORDER BY zone_key LIMIT 1", "UPDATE geo.zone SET geom = ST_Translate(geom, 0.002, 0.002)");
}

TEST_F(LayerStoreTest, AUnitThatLosesAnIslandKeepsItsMainland) {
    auto const unit = database.query("SELECT unit_key, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)), ST_AsText(geom) FROM pub.commune ORDER BY 1 LIMIT 1").at(0);
    gis_core::LonLat const mainland{std::stod(unit[1]), std::stod(unit[2])}, island{106.06, 10.32};
    auto const outline = fmt::format("ST_GeomFromText('{}', 4326)", unit[3]);
    auto const with_island = fmt::format("ST_Multi(ST_Union({}, ST_Buffer(ST_SetSRID(ST_MakePoint({}, {}), 4326), 0.01)))", outline, island.lon, island.lat);
    std::vector<TileId> tiles;
    for (std::uint8_t zoom = 8; zoom <= 14; ++zoom) tiles.insert(tiles.end(), {TileId::containing(mainland, zoom), TileId::containing(island, zoom)});
    auto const on_island = [&] { return decoded(from_record->render({&layer("communes")}, tiles.back(), today())).size(); };
    auto const others = on_island();
    for (auto const& [geometry, features] : {std::pair{with_island, others + 1}, std::pair{outline, others}}) {
        edit(fmt::format("UPDATE geo.admin_unit SET geom = {} WHERE unit_key = {}", geometry, unit[0]));
        std::string last;
        EXPECT_TRUE(eventually([&] {  // the generalised outlines follow
            return on_island() == features && (last = difference(layer("communes"), tiles)).empty();
        })) << geometry << ": " << last;
    }
}

TEST_F(LayerStoreTest, EveryDayIsAsInPostgis) {
    // Days on which something begins or ends, the days around them, and days of no note.
    std::set<std::string> days{"2004-02-29", "2019-01-01", "2025-06-30", "2025-07-01", "2026-11-29", "2031-05-05"};
    for (auto const& row : database.query("SELECT day - 1, day, day + 1 FROM (SELECT unnest(ARRAY[issued_on, valid_to - 180, valid_to, revoked_on]) AS day "
                                          "FROM ocop.certificate UNION SELECT unnest(ARRAY[valid_from, valid_to]) FROM geo.zone "
                                          "UNION SELECT unnest(ARRAY[opened_on, closed_on]) FROM ocop.sales_point) d WHERE day IS NOT NULL "
                                          "ORDER BY md5(day::text) LIMIT 12"))
        days.insert(row.begin(), row.end());
    unsigned number = 40;
    for (auto const& text : days) {
        auto const at = gis_core::Date::parse(text).value();
        for (auto const* layer : held_layers()) EXPECT_EQ(difference(*layer, random_tiles(*layer, 3, ++number), at), "") << text;
    }
    EXPECT_GT(days.size(), 30U);
}

TEST_F(LayerStoreTest, GroundThatChangedIsNotDrawnUntilItIsReadAgain) {
    // A store whose threads have stopped does not read again.
    LayerStore store{{database.conninfo_as("ocopmap_tiles"), std::uint64_t{64} << 20U, {}}, service->catalogue()};
    store.start();
    ASSERT_TRUE(eventually([&] { return store.is_settled(); }));
    store.stop();
    auto const& zones = layer("zones");
    TileId const here{14, 13033, 7720}, beside{14, 13034, 7720}, far{14, 13033, 7730};
    ASSERT_NE(store.find(zones, here), nullptr);
    store.touch("zones", "geo.zone", Cover{false, {13033 * 16384 + 7720}});
    EXPECT_EQ(store.find(zones, here), nullptr);
    EXPECT_EQ(store.find(zones, here.ancestor(8)), nullptr);
    EXPECT_EQ(store.find(zones, beside), nullptr) << "its buffer reaches the ground";
    EXPECT_NE(store.find(zones, far), nullptr);
    EXPECT_NE(store.find(layer("rivers"), here), nullptr);
    store.touch_everything();
    EXPECT_EQ(store.find(zones, far), nullptr);
}

TEST_F(LayerStoreTest, KeepsToItsBudgetAndTheRestComesFromTheDatabase) {
    auto const whole = service->store().bytes();
    ASSERT_GT(whole, 100'000U);
    from_store.reset();
    from_record.reset();
    service.reset();
    store_bytes = whole / 2;
    start();
    open_sources();
    ASSERT_TRUE(eventually([&] { return service->store().is_settled(); }));
    EXPECT_LE(service->store().bytes(), store_bytes);
    EXPECT_GT(service->store().bytes(), 0U);
    int held = 0, layers = 0;
    for (auto const* layer : held_layers()) {
        auto const tiles = random_tiles(*layer, 5, 5);
        held += service->store().find(*layer, tiles[0]) != nullptr;
        ++layers;
        for (auto const& tile : tiles) {
            EXPECT_EQ(test_support::difference(decoded(from_store->render({layer}, tile, today())), decoded(from_record->render({layer}, tile, today()))), "");
        }
    }
    EXPECT_GT(held, 0);
    EXPECT_LT(held, layers);
}

TEST_F(LayerStoreTest, ReadersAndChangesAtTheSameTime) {
    auto const& zones = layer("zones");
    auto const tiles = random_tiles(zones, 10, 9);
    std::atomic<bool> done{false};
    std::atomic<int> drawn{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!done) {
                for (auto const& tile : tiles) {
                    EXPECT_NO_THROW(decoded(from_store->render({&zones}, tile, today())));
                    ++drawn;
                }
            }
        });
    }
    for (int i = 0; i < 20; ++i) edit(fmt::format("UPDATE geo.zone SET name = 'lần {}' WHERE zone_key % 5 = {}", i, i % 5));
    std::string last;
    EXPECT_TRUE(eventually([&] { return (last = difference(zones, tiles)).empty(); })) << last;
    done = true;
    for (auto& reader : readers) reader.join();
    EXPECT_GT(drawn, 0);
}

TEST_F(LayerStoreTest, AStartReadsItsFilesAndWhatChangedSince) {
    service->store().save();
    for (auto const* layer : held_layers()) EXPECT_TRUE(std::filesystem::exists(cache_dir / "store" / (layer->id + ".snapshot"))) << layer->id;
    auto const zone = database.value("SELECT zone_key FROM pub.zone ORDER BY 1 LIMIT 1");
    auto const place = database.query("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM pub.zone WHERE zone_key = " + zone)[0];
    auto const tile = TileId::containing({std::stod(place[0]), std::stod(place[1])}, 14);
    edit("UPDATE geo.zone SET name = 'lúc còn chạy' WHERE zone_key = " + zone);  // after the file, before the stop
    ASSERT_TRUE(eventually([&] { return difference(layer("zones"), {tile}).empty(); }));
    from_store.reset();
    from_record.reset();
    service.reset();
    edit("UPDATE geo.zone SET name = 'lúc đã tắt', geom = ST_Translate(geom, 0.0005, 0) WHERE zone_key = " + zone);
    edit("UPDATE ocop.product SET name = name || ' lúc tắt' WHERE product_key % 100 = 0");
    start();
    open_sources();
    ASSERT_TRUE(eventually([&] { return service->store().is_settled(); }));
    EXPECT_THAT(service->store().metrics(), ::testing::HasSubstr("ocopmap_store_from_file{layer=\"zones\"} 1"));
    for (auto const* layer : held_layers()) {
        auto tiles = random_tiles(*layer, 10, 77);
        if (layer->id == "zones") tiles.push_back(tile);
        std::string last;
        EXPECT_TRUE(eventually([&] { return (last = difference(*layer, tiles)).empty(); })) << last;
    }
    auto const found = decoded(from_store->render({&layer("zones")}, tile, today()));
    EXPECT_TRUE(
        std::any_of(found.begin(), found.end(), [](auto const& feature) { return feature.tags.contains("name") && feature.tags.at("name") == "lúc đã tắt"; }));
}

TEST_F(LayerStoreTest, FilesOfAnotherHistoryAreNotDrawn) {
    service->store().save();
    from_store.reset();
    from_record.reset();
    service.reset();
    edit("UPDATE geo.zone SET name = 'khác' WHERE zone_key % 2 = 0");
    database.execute("DELETE FROM tile.change; DELETE FROM tile.node");  // as after a day away
    start();
    open_sources();
    for (auto const* layer : held_layers()) {
        std::string last;
        EXPECT_TRUE(eventually([&] { return (last = difference(*layer, random_tiles(*layer, 10, 78))).empty(); })) << last;
    }
}

class FilteredTilesTest : public LayerStoreTest {
protected:
    static std::string escaped(std::string const& text) {
        std::string out;
        for (unsigned char const c : text) out += std::isalnum(c) != 0 ? std::string{static_cast<char>(c)} : fmt::format("%{:02X}", c);
        return out;
    }
    /// Rows counted in the tiles of a zoom over the province and its surroundings.
    long counted(std::string const& layer_id, int zoom, std::string const& query) {
        long sum = 0;
        auto const z = static_cast<std::uint8_t>(zoom);
        auto const first = TileId::containing({105.9, 10.5}, z), last = TileId::containing({106.9, 9.7}, z);
        for (auto x = first.x; x <= last.x; ++x) {
            for (auto y = first.y; y <= last.y; ++y) {
                for (auto const& feature : features(fmt::format("/tiles/{}/{}.mvt?{}", layer_id, TileId{z, x, y}.path(), query)))
                    sum += feature.number("point_count", 1);
            }
        }
        return sum;
    }
    static constexpr char const* kGround = "ST_MakeEnvelope(105.9, 9.7, 106.9, 10.5, 4326)";
};

TEST_F(FilteredTilesTest, CountsAreThoseOfPostgis) {
    struct Case {
        char const *layer, *view, *filter, *sql;
    };
    for (auto const& [id, view, filter, sql] : {
             Case{"products", "pub.product", "star >= 4", "star >= 4"},
             Case{"products", "pub.product", "star IS NULL AND name LIKE '%a%'", "star IS NULL AND name LIKE '%a%'"},
             Case{"products", "pub.product", "CASEI(name) LIKE CASEI('%DỪA%') OR certificate_state = 'valid'",
                  "lower(name) LIKE '%dừa%' OR certificate_state = 'valid'"},
             Case{"products", "pub.product", "registered_on >= DATE('2023-01-01')", "registered_on >= '2023-01-01'"},
             Case{"producers", "pub.producer", "S_INTERSECTS(geom, POLYGON((106.3 10.1, 106.5 10.15, 106.4 10.3, 106.3 10.1)))",
                  "ST_Intersects(geom, 'SRID=4326;POLYGON((106.3 10.1, 106.5 10.15, 106.4 10.3, 106.3 10.1))'::geometry)"},
             Case{"producers", "pub.producer m", "A_OVERLAPS(class_codes, ('I.3.c', 'I.5.b'))",
                  "EXISTS (SELECT FROM pub.product p WHERE p.producer_key = m.producer_key AND p.class_code IN ('I.3.c', 'I.5.b'))"},
             Case{"sales_points", "pub.sales_point", "kind <> 'x' AND is_demo = TRUE", "kind <> 'x' AND is_demo"},
             Case{"producers", "pub.producer", "1 = 2", "false"},
         }) {
        auto const expected = std::stol(database.value(fmt::format("SELECT count(*) FROM {} WHERE geom && {} AND ({})", view, kGround, sql)));
        for (int const zoom : {7, 10}) EXPECT_EQ(counted(id, zoom, "filter=" + escaped(filter)), expected) << filter << " at zoom " << zoom;
    }
}

TEST_F(FilteredTilesTest, MemoryAndDatabaseAgree) {
    for (auto const& [id, text] : std::initializer_list<std::pair<char const*, char const*>>{
             {"products", "star > 3 AND location_approximate = FALSE"},
             {"products", "S_WITHIN(geom, BBOX(106.2, 10.0, 106.5, 10.2)) AND producer_name LIKE '%C%'"},
             {"producers", "kind IN ('cooperative', 'household', 'company') OR name < 'M'"},
             {"producers", "A_CONTAINS(class_codes, ('I.3.c')) OR A_CONTAINEDBY(class_codes, ('I.5.b', 'V.1', 'I.1.a'))"},
             {"zones", "area_ha > 20 AND valid_from < DATE('2025-01-01')"},
             {"zones", "S_INTERSECTS(geom, POLYGON((106.3 10.0, 106.6 10.0, 106.6 10.2, 106.3 10.0)))"},
             {"zones", "valid_to IS NULL AND crop <> 'x'"},
             {"rivers", "name IS NOT NULL"},
             {"sales_points", "NOT (opened_on > DATE('2020-01-01')) OR closed_on IS NULL"},
         }) {
        auto const filter = std::make_shared<Filter const>(Filter{*gis_core::layers::read_filter(layer(id), text, std::nullopt, std::nullopt), {}});
        EXPECT_EQ(difference(layer(id), random_tiles(layer(id), 20, 17), filter.get()), "") << text;
    }
}

TEST_F(FilteredTilesTest, OfAnotherDayAndOfUnits) {
    auto const expected =
        std::stol(database.value(fmt::format("SET ocopmap.at = '2025-06-30'; SELECT count(*) FROM pub.product WHERE star = 4 AND geom && {}", kGround)));
    EXPECT_EQ(counted("products", 9, "at=2025-06-30&filter=" + escaped("star = 4")), expected);
    std::set<std::uint64_t> keys;
    for (auto const& unit : features("/tiles/communes/8/203/120.mvt?filter=" + escaped("name LIKE 'P%'"))) keys.insert(*unit.id);
    std::set<std::uint64_t> expected_keys;
    auto const all = features("/tiles/communes/8/203/120.mvt");
    for (auto const& unit : all) {
        if (unit.tags.at("name").starts_with("P")) expected_keys.insert(*unit.id);
    }
    EXPECT_EQ(keys, expected_keys);
    EXPECT_FALSE(keys.empty());
    EXPECT_LT(keys.size(), all.size());
}

TEST_F(FilteredTilesTest, OneFilterInTwoSpellingsIsMadeOnceAndForgottenWhenItsGroundChanges) {
    auto const row = database.query("SELECT product_key, ST_X(geom), ST_Y(geom) FROM pub.product WHERE star = 4 AND geom IS NOT NULL ORDER BY 1 LIMIT 1")[0];
    auto const path = fmt::format("/tiles/products/{}.mvt?filter=", TileId::containing({std::stod(row[1]), std::stod(row[2])}, 14).path());
    auto const first = get(path + escaped("star=4"));
    ASSERT_EQ(first.status, 200);
    auto const renders = service->flights().renders();
    EXPECT_EQ(get(path + escaped("  star = 4.0 ")).body, first.body);
    EXPECT_EQ(get(path + escaped(R"({"op":"=","args":[{"property":"star"},4]})") + "&filter-lang=cql2-json").body, first.body);
    EXPECT_EQ(service->flights().renders(), renders);
    EXPECT_NE(get(path + escaped("star=3")).body, first.body);
    edit(fmt::format("UPDATE ocop.product SET name = 'đổi tên' WHERE product_key = {}", row[0]));
    EXPECT_TRUE(eventually([&] { return get(path + escaped("star=4")).body.find("đổi tên") != std::string::npos; }));
    EXPECT_FALSE(is_on_disk("products/" + TileId::containing({std::stod(row[1]), std::stod(row[2])}, 14).path()));
}

// A producer's classes are those of its products: an edit there changes what a filter over producers finds.
TEST_F(FilteredTilesTest, AnArrayFollowsTheRowsItIsMadeOf) {
    auto const filter = "filter=" + escaped("A_CONTAINS(class_codes, ('VI.1'))");
    edit("UPDATE ocop.product SET class_code = 'I.3.c' WHERE class_code = 'VI.1'");
    EXPECT_TRUE(eventually([&] { return counted("producers", 9, filter) == 0; }));
    auto const product = database.value("SELECT min(product_key) FROM pub.product WHERE geom IS NOT NULL");
    edit("UPDATE ocop.product SET class_code = 'VI.1' WHERE product_key = " + product);
    EXPECT_TRUE(eventually([&] { return counted("producers", 9, filter) == 1; }));
    edit("UPDATE ocop.product SET is_published = false WHERE product_key = " + product);
    EXPECT_TRUE(eventually([&] { return counted("producers", 9, filter) == 0; }));
}

TEST_F(FilteredTilesTest, SaysWhatAFilterMayBe) {
    auto const refused = [&](std::string const& target) {
        auto const answer = get(target);
        EXPECT_EQ(answer.status, 400) << target;
        return answer.body;
    };
    EXPECT_NE(refused("/tiles/products/8/203/120.mvt?filter=" + escaped("stars = 4")).find("certificate_state"), std::string::npos) << "names the queryables";
    EXPECT_NE(refused("/tiles/products,producers/8/203/120.mvt?filter=" + escaped("1 = 1")).find("single layer"), std::string::npos);
    EXPECT_NE(refused("/tiles/products/8/203/120.mvt?filter-lang=cql2-json").find("beside filter"), std::string::npos);
    EXPECT_NE(refused("/tiles/products/8/203/120.mvt?filter=x&filter-lang=sql").find("cql2-json"), std::string::npos);
    refused("/tiles/products/8/203/120.mvt?filter=" + escaped("star >"));
    refused("/tiles/products/8/203/120.mvt?filter=" + escaped("star / 1e-300 / 1e-300 > 1"));
}

}  // namespace tile_server
