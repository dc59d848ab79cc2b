#include "tests/integration/tile_server/service_fixture.hpp"
#include "tile_server/tile_cache.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <thread>

namespace tile_server {

using gis_core::TileId;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

namespace {

bool go_on(SeedProgress const&) { return true; }

}  // namespace

class SeedingTest : public ServiceTest {
protected:
    void SetUp() override {
        ServiceTest::SetUp();
        ASSERT_TRUE(eventually([&] { return service->store().is_settled(); }, std::chrono::seconds{20}));
    }
    Seeder::Order order(std::string const& layers, int min_zoom, int max_zoom) {
        return {{service->catalogue().find_list(layers)}, {-180, -90, 180, 90}, min_zoom, max_zoom};
    }
    SeedProgress seed(Seeder::Order const& what) { return service->seeder().begin()->run(what, go_on); }
    /// The tiles of a zoom that the rows of a view stand in, by PostGIS.
    std::set<TileId> tiles_with(std::string const& view, std::uint8_t zoom) {
        std::set<TileId> out;
        for (auto const& row : database.query(fmt::format("SELECT DISTINCT (c >> 20) / 16384, (c >> 20) % 16384 FROM {}, tile.cover_of(geom_3857) c", view)))
            out.insert(TileId{14, static_cast<std::uint32_t>(std::stoul(row[0])), static_cast<std::uint32_t>(std::stoul(row[1]))}.ancestor(zoom));
        return out;
    }
    std::set<TileId> tiles_on_disk(std::string const& folder) const {
        std::set<TileId> out;
        for (auto const& entry : std::filesystem::recursive_directory_iterator(cache_dir / "tiles" / folder)) {
            if (entry.path().extension() != ".mvt" && entry.path().extension() != ".gz") continue;
            auto const column = entry.path().parent_path();
            auto const name = entry.path().filename().string();
            auto const tile = TileId::parse(column.parent_path().filename().string(), column.filename().string(), name.substr(0, name.find('.')));
            if (tile) out.insert(*tile);
        }
        return out;
    }
    std::future<Answer> post(std::string const& body) {
        http::Request request;
        request.method = "POST";
        request.target = request.path = "/tiles/seed";
        request.body = body;
        request.headers.add("Content-Type", "application/json");
        auto responder = std::make_shared<CapturingResponder>();
        auto future = responder->answer();
        try {
            auto const& route = router.match(request);
            responder->send(std::get<http::Handler>(route.action)(request));
        } catch (gis_core::Error const& error) {
            responder->send(http::to_problem(error, request));
        }
        return future;
    }
};

TEST_F(SeedingTest, EveryTileWithAPointIsThereAndIsWhatAVisitorWouldGet) {
    auto const progress = seed(order("products", 0, 16));
    EXPECT_EQ(progress.failed, 0U);
    EXPECT_EQ(progress.done(), progress.total);
    auto const stored = tiles_on_disk("products");
    for (auto zoom = static_cast<std::uint8_t>(service->catalogue().find("products")->min_zoom); zoom <= 14; ++zoom) {
        std::set<TileId> of_zoom;
        for (auto const& tile : stored) {
            if (tile.z == zoom) of_zoom.insert(tile);
        }
        EXPECT_EQ(of_zoom, tiles_with("pub.product", zoom)) << "zoom " << int{zoom};
    }
    auto const joined = service->flights().renders();
    auto const tile = *std::prev(stored.end());
    auto const seeded = get(fmt::format("/tiles/products/{}.mvt", tile.path()));
    EXPECT_EQ(service->flights().renders(), joined) << "it comes from the disk";
    EXPECT_EQ(seeded.body, get(fmt::format("/tiles/products/{}.mvt?at={}", tile.path(), today().iso())).body);
}

TEST_F(SeedingTest, ALayerMadeOnceForSeveralTilesetsIsWhatEachWouldHave) {
    Seeder::Order what{{}, {106.2, 10.0, 106.5, 10.3}, 8, 11};
    for (auto const* id : {"communes", "zones", "boundaries", "places", "all"}) what.tilesets.push_back(service->catalogue().find_list(id));
    auto const progress = seed(what);
    EXPECT_EQ(progress.done(), progress.total);
    EXPECT_EQ(progress.failed, 0U);
    std::size_t compared = 0;
    for (auto const& layers : what.tilesets) {
        auto const folder = service->catalogue().stored_name(layers);
        for (auto const& tile : tiles_on_disk(folder)) {
            auto const stored = service->cache().find({folder, tile, ".mvt"});
            ASSERT_EQ(stored->plain, service->vectors().render(layers, tile, today())) << folder << "/" << tile.path();
            ++compared;
        }
    }
    EXPECT_GT(compared, 30U);
}

TEST_F(SeedingTest, NothingIsLookedAtBelowWhatIsKnownToBeEmpty) {
    auto const progress = seed(order("products", 0, 14));
    auto const with_points = [&] {
        std::size_t count = 0;
        for (std::uint8_t zoom = 0; zoom <= 14; ++zoom) {
            if (zoom >= service->catalogue().find("products")->min_zoom) count += tiles_with("pub.product", zoom).size();
        }
        return count;
    }();
    // Boxes reach a little over a tile's edge: what is made and turns out empty lies beside a point.
    EXPECT_GE(progress.made, with_points);
    EXPECT_LE(progress.made, with_points + with_points / 5);
    EXPECT_GT(progress.empty, progress.made);
}

TEST_F(SeedingTest, GoesOnWhereItWasInterrupted) {
    auto const what = order("zones", 8, 13);
    std::atomic<int> published{0};
    std::atomic<bool> told{false};
    {
        std::lock_guard lock{mutex};
        before_publish = [&] {
            if (++published > 20) eventually([&] { return told.load(); });
        };
    }
    auto const first = service->seeder().begin()->run(what, [&](SeedProgress const& so_far) {
        if (so_far.made < 20) return true;
        told = true;
        return false;
    });
    EXPECT_GE(first.made, 20U);
    EXPECT_LT(first.done(), first.total);
    auto const second = seed(what), third = seed(what);
    EXPECT_EQ(second.done(), second.total);
    EXPECT_EQ(second.fresh, first.made);
    EXPECT_EQ(third.made, 0U);
    EXPECT_EQ(third.fresh, first.made + second.made);
}

TEST_F(SeedingTest, AnEditWhileATileIsMadeIsInTheTile) {
    auto const zone = database.query("SELECT zone_key, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone ORDER BY 1 LIMIT 1")[0];
    auto const tile = TileId::containing({std::stod(zone[1]), std::stod(zone[2])}, 13);
    auto what = order("zones", 13, 13);
    auto const lon = std::stod(zone[1]), lat = std::stod(zone[2]);
    what.box = {lon - 1e-6, lat - 1e-6, lon + 1e-6, lat + 1e-6};
    std::atomic<int> tries{0};
    {
        std::lock_guard lock{mutex};
        before_publish = [&] {
            if (++tries > 1) {
                EXPECT_EQ(service->cache().look({"zones", tile, ".mvt"}), TileCache::Stored::no) << "what the first try made was published";
                return;
            }
            auto const applied = service->freshness().applied();
            database.execute(fmt::format("UPDATE geo.zone SET name = 'Vùng mới' WHERE zone_key = {}", zone[0]));
            ASSERT_TRUE(eventually([&] { return service->freshness().applied() > applied; }));
        };
    }
    EXPECT_EQ(seed(what).made, 1U);
    EXPECT_EQ(tries, 2) << "made again";
    auto const stored = service->cache().find({"zones", tile, ".mvt"});
    ASSERT_TRUE(stored);
    EXPECT_THAT(stored->plain, HasSubstr("Vùng mới"));
}

TEST_F(SeedingTest, VisitorsGoFirst) {
    Flights flights{1, 10, 1000, answer_tile};
    Footprint const footprint{{"zones"}, {9, 407, 241}, 1, 0};
    std::promise<void> let_go;
    auto const gate = let_go.get_future().share();
    std::mutex order_mutex;
    std::vector<std::string> made;
    auto const render = [&](std::string const& name) {
        return [&, name](Flight&) {
            {
                std::lock_guard lock{order_mutex};
                made.push_back(name);
            }
            if (name == "first") gate.wait();
            return std::make_shared<TileContent const>();
        };
    };
    auto const count = [&] {
        std::lock_guard lock{order_mutex};
        return made.size();
    };
    std::vector<std::shared_ptr<CapturingResponder>> visitors;
    for (auto const* name : {"first", "second"}) {
        visitors.push_back(std::make_shared<CapturingResponder>());
        flights.join(name, footprint, false, render(name), {}, visitors.back());
        ASSERT_TRUE(eventually([&] { return count() == 1; }));
    }
    std::thread seeding{[&] { flights.fly_unasked(footprint, render("seeded")); }};
    EXPECT_FALSE(eventually([&] { return count() > 1; }, milliseconds{300})) << "somebody waits, and it was made nevertheless";
    let_go.set_value();
    seeding.join();
    for (auto const& visitor : visitors) EXPECT_EQ(visitor->answer().get().status, 204);
    // From the moment the second is begun a seeding thread may go on beside it.
    EXPECT_EQ(made.at(0), "first");
    EXPECT_THAT(made, ::testing::UnorderedElementsAre("first", "second", "seeded"));
}

TEST_F(SeedingTest, WhatIsWrongInAnOrderIsNamed) {
    auto const refused = [&](std::string const& body, int status, std::string const& what) {
        auto const answer = post(body).get();
        EXPECT_EQ(answer.status, status) << body << answer.body;
        EXPECT_THAT(answer.body, HasSubstr(what)) << body;
    };
    refused(R"({"tilesets":["roads"]})", 404, "communes");
    refused(R"({"tilesets":["communes,zones"]})", 400, "tilesets");
    refused(R"({"tilesets":"communes"})", 400, "tilesets");
    refused(R"({"bbox":[106.7,9.9,106.2,10.3]})", 400, "west, south, east, north");
    refused(R"({"bbox":[1,2,3]})", 400, "bbox");
    refused(R"({"zoom":[9,5]})", 400, "zoom");
    refused(R"({"zoom":[0,25]})", 400, "0 to 24");
    refused(R"({"layers":[]})", 400, "tilesets");
    refused("[", 400, "");
    auto const job = service->seeder().begin();
    refused("{}", 409, "already");
}

class RecompressionTest : public ServiceTest {
protected:
    RecompressionTest() { recompresses = true; }
    static constexpr std::chrono::minutes kPatience{1};  // it has the lowest priority
    static std::string bytes_of(std::filesystem::path const& file) {
        std::ifstream in{file, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
};

TEST_F(RecompressionTest, AStoredTileGetsSmallerAndIsTheSame) {
    std::string const tile = "/tiles/communes/9/407/241.mvt";
    auto const first = get(tile, "gzip");
    ASSERT_EQ(first.status, 200);
    ASSERT_EQ(first.header("Content-Encoding"), "gzip");
    auto const plain = get(tile);
    auto const file = cache_dir / "tiles/communes/9/407/241.mvt.gz";
    ASSERT_TRUE(eventually([&] { return is_thorough(bytes_of(file)); }, kPatience));
    ASSERT_TRUE(eventually([&] { return get("/metrics").body.find("ocopmap_tile_recompressed_total 1\n") != std::string::npos; }, kPatience));
    auto const again = get(tile, "gzip");
    EXPECT_LT(again.body.size(), first.body.size());
    EXPECT_NE(again.header("ETag"), first.header("ETag"));
    EXPECT_EQ(get(tile).header("ETag"), plain.header("ETag"));
    EXPECT_EQ(get(tile).body, plain.body);
    EXPECT_EQ(get(tile, "gzip", again.header("ETag")).status, 304);
    auto const brotli = get(tile, "br");
    EXPECT_EQ(brotli.header("Content-Encoding"), "br");
    EXPECT_LT(brotli.body.size(), again.body.size());
}

TEST_F(RecompressionTest, WhatAnEarlierRunLeftIsFoundAgain) {
    service.reset();
    recompresses = false;
    start();
    ASSERT_EQ(get("/tiles/communes/9/407/241.mvt", "gzip").status, 200);
    auto const file = cache_dir / "tiles/communes/9/407/241.mvt.gz";
    EXPECT_FALSE(is_thorough(bytes_of(file)));
    service.reset();
    recompresses = true;
    start();
    EXPECT_TRUE(eventually([&] { return is_thorough(bytes_of(file)); }, kPatience));
}

}  // namespace tile_server
