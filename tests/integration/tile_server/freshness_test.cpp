#include "tests/integration/tile_server/service_fixture.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <atomic>

namespace tile_server {

using gis_core::TileId;
using std::chrono::milliseconds;

class FreshnessTest : public ServiceTest {
protected:
    /// The tile of a zoom that holds the first point of a query that gives lon, lat.
    TileId tile_at(std::string const& sql, int zoom) {
        auto const row = database.query(sql)[0];
        return TileId::containing({std::stod(row[0]), std::stod(row[1])}, static_cast<std::uint8_t>(zoom));
    }
    /// As an officer would, with a right on the tables and none on tile.*.
    void edit(std::string const& sql) { database.execute("SET ROLE ocopmap_editor; " + sql); }

    std::string product_in_force() {
        return database.value("SELECT product_key FROM pub.product WHERE star IS NOT NULL AND geom IS NOT NULL AND lineage_key IS NOT NULL ORDER BY 1 LIMIT 1");
    }
    TileId tile_of_product(std::string const& product, int zoom) {
        return tile_at(fmt::format("SELECT ST_X(geom), ST_Y(geom) FROM pub.product WHERE product_key = {}", product), zoom);
    }
    std::string star_of(std::string const& product, TileId tile) {
        for (auto const& feature : features(fmt::format("/tiles/products/{}.mvt", tile.path()))) {
            if (feature.id && std::to_string(*feature.id) == product) return feature.tags.contains("star") ? feature.tags.at("star") : "none";
        }
        return "not there";
    }
    long figures_of(TileId tile, std::string const& layer = "communes") {
        long sum = 0;
        for (auto const& unit : features(fmt::format("/tiles/{}/{}.mvt", layer, tile.path()))) sum += unit.number("products", 0);
        return sum;
    }
};

TEST_F(FreshnessTest, ARevokedCertificateChangesTheStarAndTheFigure) {
    auto const product = product_in_force();
    auto const tile = tile_of_product(product, 14), unit_tile = tile_of_product(product, 9);
    ASSERT_NE(star_of(product, tile), "none");
    auto const before = figures_of(unit_tile), districts_before = figures_of(unit_tile, "districts");
    edit(fmt::format("UPDATE ocop.certificate SET revoked_on = current_date, revocation_reason = 'test' WHERE product_key = {} AND in_force @> current_date",
                     product));
    EXPECT_TRUE(eventually([&] { return star_of(product, tile) == "none"; }, milliseconds{1500}));
    EXPECT_TRUE(eventually([&] { return figures_of(unit_tile) == before - 1; }, milliseconds{1500}));
    EXPECT_TRUE(eventually([&] { return figures_of(unit_tile, "districts") == districts_before - 1; }, milliseconds{1500}));
}

TEST_F(FreshnessTest, AProductAddedColoursItsCommune) {
    auto const product = product_in_force();
    auto const tile = tile_of_product(product, 10);
    auto const before = figures_of(tile);
    edit(fmt::format(
        "INSERT INTO ocop.product (producer_key, name, registered_on) SELECT producer_key, 'Kẹo thử', '2025-01-01' FROM ocop.product WHERE product_key = {}",
        product));
    edit(
        "INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) SELECT max(product_key), 4, current_date - 10, current_date + 1000 FROM "
        "ocop.product");
    EXPECT_TRUE(eventually([&] { return figures_of(tile) == before + 1; }, milliseconds{1500}));
}

TEST_F(FreshnessTest, AMovedZoneLeavesItsOldPlaceAndOnlyTouchedTilesGo) {
    auto const zone = database.value("SELECT zone_key FROM pub.zone ORDER BY area_ha LIMIT 1");
    auto const position = fmt::format("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone WHERE zone_key = {}", zone);
    auto const has_zone = [&](TileId tile) {
        for (auto const& feature : features(fmt::format("/tiles/zones/{}.mvt", tile.path()))) {
            if (std::to_string(*feature.id) == zone) return true;
        }
        return false;
    };
    auto const old_tile = tile_at(position, 14);
    TileId const new_tile =
        tile_at(fmt::format("SELECT ST_X(ST_PointOnSurface(geom)) + 0.2, ST_Y(ST_PointOnSurface(geom)) FROM geo.zone WHERE zone_key = {}", zone), 14);
    TileId const far_tile{14, old_tile.x, old_tile.y + 12};
    ASSERT_TRUE(has_zone(old_tile));
    ASSERT_FALSE(has_zone(new_tile));
    has_zone(far_tile);
    ASSERT_TRUE(is_on_disk("zones/" + far_tile.path()));
    edit(fmt::format("UPDATE geo.zone SET geom = ST_Translate(geom, 0.2, 0) WHERE zone_key = {}", zone));
    EXPECT_TRUE(eventually([&] { return has_zone(new_tile); }, milliseconds{1500}));
    EXPECT_TRUE(eventually([&] { return !has_zone(old_tile); }, milliseconds{1500}));
    EXPECT_TRUE(is_on_disk("zones/" + far_tile.path())) << "a tile that was not touched";
}

TEST_F(FreshnessTest, AValidityThatEndsAtMidnightIsSeen) {
    auto const product = product_in_force();
    auto const tile = tile_of_product(product, 14), unit_tile = tile_of_product(product, 9);
    database.execute(
        fmt::format("UPDATE ocop.certificate SET valid_to = pub.business_date() + 1 WHERE product_key = {} AND in_force @> pub.business_date()", product));
    ASSERT_TRUE(eventually([&] {
        for (auto const& feature : features(fmt::format("/tiles/products/{}.mvt", tile.path()))) {
            if (std::to_string(feature.id.value_or(0)) == product) return feature.tags.at("certificate_state") == "expiring";
        }
        return false;
    }));
    auto const before = figures_of(unit_tile);
    auto const others =
        std::stol(database.value(fmt::format("SELECT count(*) FROM ocop.certificate WHERE valid_to = pub.business_date() + 1 AND product_key <> {}", product)));
    EXPECT_NE(star_of(product, tile), "none");
    {
        std::lock_guard lock{mutex};
        day = gis_core::Date{day.days + std::chrono::days{1}};
    }
    EXPECT_TRUE(eventually([&] { return star_of(product, tile) == "none"; }));
    if (others == 0) {
        EXPECT_TRUE(eventually([&] { return figures_of(unit_tile) == before - 1; }));
    }
}

TEST_F(FreshnessTest, TheEditThatCommitsLastIsNotLost) {
    auto const row = database.query("SELECT a.zone_key, b.zone_key FROM pub.zone a, pub.zone b WHERE a.zone_key < b.zone_key ORDER BY 1, 2 LIMIT 1")[0];
    auto const name_of = [&](std::string const& zone) {
        auto const tile =
            tile_at(fmt::format("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone WHERE zone_key = {}", zone), 14);
        for (auto const& feature : features(fmt::format("/tiles/zones/{}.mvt", tile.path()))) {
            if (std::to_string(*feature.id) == zone) return feature.tags.at("name");
        }
        return std::string{};
    };
    name_of(row[0]);
    name_of(row[1]);
    // The first transaction takes the lower numbers (xid, change_id) and commits last.
    std::unique_ptr<PGconn, decltype(&PQfinish)> slow{PQconnectdb(database.conninfo().c_str()), &PQfinish};
    auto const run = [&](std::string const& sql) { PQclear(PQexec(slow.get(), sql.c_str())); };
    run("BEGIN");
    run(fmt::format("UPDATE geo.zone SET name = 'chậm' WHERE zone_key = {}", row[0]));
    edit(fmt::format("UPDATE geo.zone SET name = 'nhanh' WHERE zone_key = {}", row[1]));
    EXPECT_TRUE(eventually([&] { return name_of(row[1]) == "nhanh"; }, milliseconds{1500})) << "an open transaction must not hold others up";
    EXPECT_NE(name_of(row[0]), "chậm");
    run("COMMIT");
    EXPECT_TRUE(eventually([&] { return name_of(row[0]) == "chậm"; }, milliseconds{1500}));
}

TEST_F(FreshnessTest, APublishThatRacesAnEditIsThrownAway) {
    auto const zone = database.value("SELECT zone_key FROM pub.zone ORDER BY 1 LIMIT 1");
    auto const tile = tile_at(fmt::format("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone WHERE zone_key = {}", zone), 13);
    auto const name_in = [&](std::string const& body) { return body.find("đã sửa") != std::string::npos; };
    std::atomic<int> renders{0};
    {
        std::lock_guard lock{mutex};
        before_publish = [&] {  // the data is read, the tile not yet published
            if (renders++ > 0) return;
            edit(fmt::format("UPDATE geo.zone SET name = 'đã sửa' WHERE zone_key = {}", zone));
            std::this_thread::sleep_for(milliseconds{800});  // the change is heard, and this flight marked
        };
    }
    auto const answer = get(fmt::format("/tiles/zones/{}.mvt", tile.path()));
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(name_in(answer.body)) << "a tile known to be stale was sent";
    EXPECT_EQ(renders, 2);
    auto const stored = get(fmt::format("/tiles/zones/{}.mvt", tile.path()));
    EXPECT_TRUE(name_in(stored.body));
    EXPECT_EQ(renders, 2) << "the second came from disk";
}

TEST_F(FreshnessTest, GroundThatKeepsChangingIsAnsweredAndNotKept) {
    auto const zone = database.value("SELECT zone_key FROM pub.zone ORDER BY 1 LIMIT 1");
    auto const tile = tile_at(fmt::format("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone WHERE zone_key = {}", zone), 13);
    std::atomic<int> renders{0};
    {
        std::lock_guard lock{mutex};
        before_publish = [&] {
            auto const changes = service->freshness().applied();
            edit(fmt::format("UPDATE geo.zone SET name = 'lần {}' WHERE zone_key = {}", ++renders, zone));
            eventually([&] { return service->freshness().applied() > changes; });
        };
    }
    auto const answer = get(fmt::format("/tiles/zones/{}.mvt", tile.path()));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(renders, 3);
    EXPECT_NE(answer.body.find("lần 2"), std::string::npos) << "younger than the question";
    EXPECT_FALSE(is_on_disk("zones/" + tile.path()));
}

TEST_F(FreshnessTest, AnEditThatNoLayerShowsLeavesTheTiles) {
    auto const product = product_in_force();
    auto const tile = tile_of_product(product, 9), product_tile = tile_of_product(product, 14);
    auto const kept = [&] { return is_on_disk("communes/" + tile.path()) && is_on_disk("products/" + product_tile.path()); };
    figures_of(tile);
    star_of(product, product_tile);
    ASSERT_TRUE(kept());
    auto const changes = database.value("SELECT coalesce(max(change_id), 0) FROM tile.change");
    edit(fmt::format("UPDATE ocop.product SET packaging_kind = 'hũ' WHERE product_key = {}", product));
    edit(fmt::format("UPDATE ocop.product SET name = name WHERE product_key = {}", product));
    edit(
        "INSERT INTO ocop.product (producer_key, name, registered_on, is_published) SELECT producer_key, 'Chưa công bố', '2025-01-01', false "
        "FROM ocop.product LIMIT 1");
    EXPECT_EQ(database.value("SELECT coalesce(max(change_id), 0) FROM tile.change"), changes);
    edit(fmt::format("UPDATE ocop.product SET name = 'Tên khác' WHERE product_key = {}", product));
    EXPECT_EQ(database.value("SELECT string_agg(DISTINCT layer, ' ') FROM tile.change WHERE change_id > " + changes), "products")
        << "a name is on the product's tile, not on the commune's";
    EXPECT_TRUE(eventually([&] { return !is_on_disk("products/" + product_tile.path()); }, milliseconds{1500}));
    EXPECT_TRUE(is_on_disk("communes/" + tile.path()));
    edit(fmt::format("UPDATE ocop.product SET is_published = false WHERE product_key = {}", product));
    EXPECT_TRUE(eventually([&] { return !is_on_disk("communes/" + tile.path()); }, milliseconds{1500}));
}

TEST_F(FreshnessTest, TruncateEmptiesTheCache) {
    auto const tile = tile_at("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone ORDER BY zone_key LIMIT 1", 12);
    ASSERT_EQ(get(fmt::format("/tiles/zones/{}.mvt", tile.path())).status, 200);
    database.execute("TRUNCATE geo.zone CASCADE");
    EXPECT_TRUE(eventually([&] { return get(fmt::format("/tiles/zones/{}.mvt", tile.path())).status == 204; }, milliseconds{3000}));
}

TEST_F(FreshnessTest, ChangesMissedWhileAwayAreCaughtUp) {
    auto const zone = database.value("SELECT zone_key FROM pub.zone ORDER BY 1 LIMIT 1");
    auto const tile = tile_at(fmt::format("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone WHERE zone_key = {}", zone), 13);
    auto const path = fmt::format("/tiles/zones/{}.mvt", tile.path());
    ASSERT_EQ(get(path).status, 200);
    ASSERT_EQ(get("/tiles/zones/9/407/241.mvt").status / 100, 2);
    service.reset();
    edit(fmt::format("UPDATE geo.zone SET name = 'trong lúc nghỉ' WHERE zone_key = {}", zone));
    start();
    EXPECT_NE(get(path).body.find("trong lúc nghỉ"), std::string::npos);
}

TEST_F(FreshnessTest, ManyTransactionsAreAppliedTogether) {
    auto const zones = database.query("SELECT zone_key, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM pub.zone ORDER BY 1 LIMIT 20");
    auto const rename = [&](std::size_t i) { edit(fmt::format("UPDATE geo.zone SET name = name || '.' WHERE zone_key = {}", zones[i % zones.size()][0])); };
    std::promise<void> all_edited;
    auto const edited = all_edited.get_future().share();
    std::mutex covers_mutex;
    std::vector<Cover> covers;
    auto const count = [&] {
        std::lock_guard lock{covers_mutex};
        return covers.size();
    };
    TileCache cache{cache_dir / "another", 1U << 20U};
    Freshness follower{database.conninfo_as("ocopmap_tiles"),
                       cache,
                       {.changed =
                            [&](std::string const&, std::string const&, Cover const& cover) {
                                {
                                    std::lock_guard lock{covers_mutex};
                                    covers.push_back(cover);
                                }
                                edited.wait();  // the first holds the reading up while the others are committed
                            },
                        .everything_changed = [] {},
                        .today = [this] { return today(); },
                        .followed = [](std::string const&, std::string const&) {},
                        .oldest_needed = [](std::string const& position) { return position; }}};
    follower.start();
    ASSERT_TRUE(eventually([&] { return follower.is_current(); }));
    rename(0);
    ASSERT_TRUE(eventually([&] { return count() == 1; }));
    for (std::size_t i = 1; i <= 200; ++i) rename(i);
    all_edited.set_value();
    EXPECT_TRUE(eventually([&] { return follower.applied() >= 201; }));
    follower.stop();
    ASSERT_EQ(covers.size(), 2U);
    for (auto const& zone : zones) {
        EXPECT_TRUE(covers[1].touches(TileId::containing({std::stod(zone[1]), std::stod(zone[2])}, 14), 0)) << zone[0];
    }
}

TEST_F(FreshnessTest, AnEditedBoundaryIsFreshSoon) {
    auto const unit = database.query("SELECT unit_key, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM pub.commune ORDER BY 1 LIMIT 1")[0];
    auto const tile = TileId::containing({std::stod(unit[1]), std::stod(unit[2])}, 11);
    auto const area = [&] {
        std::int64_t sum = 0;
        for (auto const& feature : features(fmt::format("/tiles/communes/{}.mvt", tile.path()))) {
            if (std::to_string(*feature.id) != unit[0]) continue;
            for (auto const& ring : feature.parts) sum += test_support::MvtFeature::doubled_area(ring);
        }
        return sum;
    };
    auto const before = area();
    ASSERT_GT(before, 0);
    database.execute(
        fmt::format("UPDATE geo.admin_unit SET geom = ST_Multi(ST_Difference(geom, ST_Buffer(ST_PointOnSurface(geom), 0.004))) WHERE unit_key = {}", unit[0]));
    EXPECT_TRUE(eventually([&] { return area() < before; }, std::chrono::seconds{30}));
}

TEST_F(FreshnessTest, AThousandAskersOfAColdTileCostOneRender) {
    auto const before = service->flights().renders();
    {
        std::lock_guard lock{mutex};
        before_publish = [] { std::this_thread::sleep_for(milliseconds{300}); };
    }
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 1000; ++i) answers.push_back(ask("/tiles/communes/9/407/241.mvt"));
    std::string const first = answers[0].get().body;
    EXPECT_FALSE(first.empty());
    for (std::size_t i = 1; i < answers.size(); ++i) EXPECT_EQ(answers[i].get().body, first);
    EXPECT_EQ(service->flights().renders() - before, 1U);
}

TEST_F(FreshnessTest, ADatedTileIsForgottenWhenItsGroundChanges) {
    auto const zone = database.value("SELECT zone_key FROM pub.zone WHERE valid_from < '2025-06-01' ORDER BY 1 LIMIT 1");
    auto const tile = tile_at(fmt::format("SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone WHERE zone_key = {}", zone), 13);
    auto const path = fmt::format("/tiles/zones/{}.mvt?at=2025-06-30", tile.path());
    ASSERT_EQ(get(path).status, 200);
    auto const renders = service->flights().renders();
    get(path);
    EXPECT_EQ(service->flights().renders(), renders) << "remembered";
    edit(fmt::format("UPDATE geo.zone SET name = 'tên mới' WHERE zone_key = {}", zone));
    EXPECT_TRUE(eventually([&] { return get(path).body.find("tên mới") != std::string::npos; }, milliseconds{1500}));
}

}  // namespace tile_server
