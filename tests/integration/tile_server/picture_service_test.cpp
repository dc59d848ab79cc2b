#include "tile_server/pictures/picture_service.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "http/route.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tile_server/pictures/pictures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

namespace {

using gis_core::TileId;
using ::testing::HasSubstr;

/// Collects the answers of many requests.
class Inbox {
public:
    class Slot : public http::Responder {
    public:
        explicit Slot(Inbox& inbox) : inbox_{inbox} {}
        void send(http::Response response) override { inbox_.take(std::move(response)); }
        bool is_aborted() const override { return aborted; }
        bool aborted = false;

    private:
        Inbox& inbox_;
    };
    std::shared_ptr<Slot> slot() { return std::make_shared<Slot>(*this); }
    std::vector<http::Response> wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        arrived_.wait_for(lock, std::chrono::seconds{30}, [&] { return responses_.size() >= count; });
        return responses_;
    }

private:
    void take(http::Response response) {
        std::lock_guard const lock{mutex_};
        responses_.push_back(std::move(response));
        arrived_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<http::Response> responses_;
};

std::string body_of(http::Response const& response) {
    if (auto const* text = std::get_if<std::string>(&response.body)) return *text;
    return *std::get<std::shared_ptr<std::string const>>(response.body);
}

class PictureServiceTest : public ::testing::Test {
protected:
    gis_core::db::Pool pool_{{.conninfo = test_support::with_keyword(test_support::database(), "user", "ocopmap_tiles"), .size = 4}};
    tile_server::Renderer renderer_{pool_, OCOPMAP_STYLES_DIR, OCOPMAP_FONTS_DIR};
    Inbox inbox_;
    static constexpr TileId kTile{11, 1629, 963};
    static tile_server::PictureStyle png(std::string at = "") { return {"ocop", 1, tile_server::PictureFormat::png, std::move(at)}; }
};

std::string count_of(tile_server::PictureService const& service, std::string const& name) {
    auto const text = service.metrics();
    auto const at = text.find("\n" + name + " ");
    return text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
}

TEST_F(PictureServiceTest, AThousandAskersOfOneMetatileShareOneRender) {
    tile_server::PictureService service{renderer_, {}, {.threads = 2}};
    for (std::uint32_t i = 0; i < 1000; ++i) {
        auto const corner = tile_server::Renderer::metatile_of(kTile, 1);
        service.get(png(), {11, corner.x + i % 8, corner.y + i / 8 % 8}, {}, inbox_.slot());
    }
    auto const responses = inbox_.wait_for(1000);
    ASSERT_EQ(responses.size(), 1000U);
    for (auto const& response : responses) {
        EXPECT_EQ(response.status, 200);
        EXPECT_TRUE(body_of(response).starts_with("\x89PNG"));
    }
    EXPECT_LE(std::stoi(count_of(service, "ocopmap_pictures_drawn_total")), 2);
}

TEST_F(PictureServiceTest, AChangeWhileDrawingIsDrawnAgainBeforeAnybodySeesIt) {
    std::atomic<int> published{0}, refused{0};
    std::atomic<bool> touched_once{false};
    tile_server::PictureService* running = nullptr;
    tile_server::PictureService service{renderer_,
                                        {.publish =
                                             [&](auto const&, TileId, std::string const&, std::function<bool()> const& is_fresh) {
                                                 if (!touched_once.exchange(true)) running->touch([](TileId tile, double) { return tile == kTile; });
                                                 is_fresh() ? ++published : ++refused;
                                             },
                                         .find = {}},
                                        {.threads = 1}};
    running = &service;
    service.get(png(), kTile, {}, inbox_.slot());
    ASSERT_EQ(inbox_.wait_for(1).size(), 1U);
    EXPECT_EQ(refused, 64);    // the first drawing
    EXPECT_EQ(published, 64);  // the second
    EXPECT_EQ(count_of(service, "ocopmap_pictures_repeated_total"), "1");
}

TEST_F(PictureServiceTest, DatedPicturesStayInMemoryUntilAChangeTouchesThem) {
    int published = 0;
    tile_server::PictureService service{renderer_, {.publish = [&](auto&&...) { ++published; }, .find = {}}, {.threads = 1}};
    auto const get = [&](std::size_t n) {
        service.get(png("2025-06-30"), kTile, {}, inbox_.slot());
        return inbox_.wait_for(n).size();
    };
    ASSERT_EQ(get(1), 1U);
    ASSERT_EQ(get(2), 2U);
    EXPECT_EQ(count_of(service, "ocopmap_pictures_drawn_total"), "1");
    service.touch([](TileId, double) { return false; });
    ASSERT_EQ(get(3), 3U);
    EXPECT_EQ(count_of(service, "ocopmap_pictures_drawn_total"), "1");
    service.touch([](TileId, double) { return true; });
    ASSERT_EQ(get(4), 4U);
    EXPECT_EQ(count_of(service, "ocopmap_pictures_drawn_total"), "2");
    EXPECT_EQ(published, 0);  // an address with a query never goes to the disk
}

TEST_F(PictureServiceTest, AFullQueueSaysSoAtOnce) {
    tile_server::PictureService service{renderer_, {}, {.threads = 1, .queue_capacity = 2}};
    for (std::uint32_t i = 0; i < 40; ++i) service.get(png(), {14, 13000 + 8 * (i % 10), 7700 - 8 * (i / 10)}, {}, inbox_.slot());
    auto const responses = inbox_.wait_for(40);
    ASSERT_EQ(responses.size(), 40U);
    std::set<int> statuses;
    for (auto const& response : responses) statuses.insert(response.status);
    EXPECT_EQ(statuses, (std::set<int>{200, 503}));
}

TEST_F(PictureServiceTest, NobodyWaitsNothingIsDrawn) {
    tile_server::PictureService service{renderer_, {}, {.threads = 1}};
    service.get(png(), kTile, {}, inbox_.slot());  // keeps the one thread busy
    for (std::uint32_t i = 0; i < 10; ++i) {
        auto const slot = inbox_.slot();
        slot->aborted = true;
        service.get(png(), {14, 13000 + 8 * (i % 10), 7700 - 8 * (i / 10)}, {}, slot);
    }
    inbox_.wait_for(1);
    EXPECT_TRUE(test_support::wait_until([&] { return count_of(service, "ocopmap_pictures_queue") == "0"; }, std::chrono::seconds{10}));
    EXPECT_EQ(count_of(service, "ocopmap_pictures_drawn_total"), "1");
}

/// Is there for the first so many looks.
class Leaving : public http::Responder {
public:
    explicit Leaving(int looks) : looks_{looks} {}
    void send(http::Response) override { was_answered = true; }
    bool is_aborted() const override { return looks_-- <= 0; }
    std::atomic<bool> was_answered{false};

private:
    mutable std::atomic<int> looks_;
};

TEST_F(PictureServiceTest, ADrawingThatEverybodyLeftEndsBeforeItsNextStage) {
    std::atomic<int> published{0};
    tile_server::PictureService service{renderer_, {.publish = [&](auto&&...) { ++published; }, .find = {}}, {.threads = 1}};
    // Gone before it is begun, when it is read, when it is painted, when one row is encoded.
    for (int looks = 0; looks < 4; ++looks) {
        auto const client = std::make_shared<Leaving>(looks);
        service.get(png(), kTile, {}, client);
        auto const cancelled = std::to_string(looks + 1);
        ASSERT_TRUE(test_support::wait_until([&] { return count_of(service, "ocopmap_pictures_cancelled_total") == cancelled; }, std::chrono::seconds{20}))
            << looks;
        EXPECT_FALSE(client->was_answered);
        EXPECT_EQ(count_of(service, "ocopmap_pictures_drawn_total"), looks < 2 ? "0" : looks == 2 ? "1" : "2") << looks;
    }
    EXPECT_EQ(published, 0);
    service.get(png(), kTile, {}, inbox_.slot());
    EXPECT_EQ(inbox_.wait_for(1).at(0).status, 200);
    EXPECT_EQ(published, 64);
}

TEST_F(PictureServiceTest, AViewThatItsAskerLeftEndsBeforeItsNextStage) {
    tile_server::PictureService service{renderer_, {}, {.threads = 1}};
    auto const view = [&](std::shared_ptr<http::Responder> client) { service.get_view(png(), {}, {106.2, 9.9, 106.7, 10.3}, 300, 200, {}, std::move(client)); };
    // Gone before it is begun, when it is read, when it is painted.
    for (int looks = 0; looks < 3; ++looks) {
        auto const client = std::make_shared<Leaving>(looks);
        view(client);
        ASSERT_TRUE(test_support::wait_until([&] { return count_of(service, "ocopmap_pictures_cancelled_total") == std::to_string(looks + 1); },
                                             std::chrono::seconds{20}))
            << looks;
        EXPECT_FALSE(client->was_answered);
    }
    auto const staying = std::make_shared<Leaving>(3);
    view(staying);
    EXPECT_TRUE(test_support::wait_until([&] { return staying->was_answered.load(); }, std::chrono::seconds{20}));
    EXPECT_EQ(count_of(service, "ocopmap_pictures_drawn_total"), "1");
}

TEST(StoredPicturesTest, AStyleThatLooksOtherwiseIsDrawnAgainAndNoOther) {
    namespace fs = std::filesystem;
    char pattern[] = "/tmp/ocopmap-styles-test-XXXXXX";
    fs::path const folder = ::mkdtemp(pattern);
    fs::copy(OCOPMAP_STYLES_DIR, folder / "styles", fs::copy_options::recursive);
    tile_server::ServiceConfig config;
    config.conninfo = test_support::with_keyword(test_support::database(), "user", "ocopmap_tiles");
    config.data = test_support::source_dir() + "/data";
    config.cache = folder / "cache";
    auto const stored = [&](std::string const& style) { return config.cache / "tiles" / style / "5/25/15.png"; };
    auto const start = [&] {
        tile_server::Service service{config};
        tile_server::Pictures const pictures{service, folder / "styles", OCOPMAP_FONTS_DIR, {.threads = 1}};
    };
    start();
    for (auto const* style : {"ocop", "ocop-dark"}) {
        fs::create_directories(stored(style).parent_path());
        std::ofstream{stored(style)} << "drawn before";
    }
    start();
    EXPECT_TRUE(fs::exists(stored("ocop")) && fs::exists(stored("ocop-dark")));

    std::ifstream in{folder / "styles/palette.toml"};
    std::string palette{std::istreambuf_iterator<char>{in}, {}};
    std::string const was = "commune_line = \"#6C7B72\"";
    ASSERT_NE(palette.find(was), std::string::npos);
    std::ofstream{folder / "styles/palette.toml"} << palette.replace(palette.find(was), was.size(), "commune_line = \"#6C7B73\"");
    start();
    EXPECT_TRUE(fs::exists(stored("ocop")));
    EXPECT_FALSE(fs::exists(stored("ocop-dark")));
    fs::remove_all(folder);
}

class PictureRoutesTest : public PictureServiceTest {
protected:
    PictureRoutesTest() { tile_server::add_picture_routes(router_, std::make_shared<tile_server::PictureService>(renderer_, tile_server::PictureStore{})); }
    http::Response get(std::string const& path, std::string const& query = "") {
        http::Request request;
        request.method = "GET";
        request.path = path;
        request.query = http::Query::parse(query);
        Inbox inbox;
        std::get<http::ParkingHandler>(router_.match(request).action)(request, inbox.slot());
        return inbox.wait_for(1).at(0);
    }
    void expect_refused(std::string const& path, std::string const& query, std::string const& message) {
        try {
            get(path, query);
            FAIL() << path << '?' << query;
        } catch (gis_core::Error const& error) {
            EXPECT_THAT(error.what(), HasSubstr(message));
        }
    }
    http::Router router_;
};

TEST_F(PictureRoutesTest, EveryFormOfAPictureHasItsAddress) {
    EXPECT_TRUE(body_of(get("/tiles/ocop/11/1629/963.png")).starts_with("\x89PNG"));
    EXPECT_TRUE(body_of(get("/tiles/ocop-dark/11/1629/963@2x.png")).starts_with("\x89PNG"));
    EXPECT_TRUE(body_of(get("/tiles/districts/11/1629/963.webp", "at=2025-06-30")).starts_with("RIFF"));
    EXPECT_TRUE(body_of(get("/tiles/districts/11/1629/963@2x.webp")).starts_with("RIFF"));
    EXPECT_TRUE(body_of(get("/tiles/ocop/view.png", "bbox=106.2,9.9,106.7,10.3&width=300&height=200&at=2025-06-30")).starts_with("\x89PNG"));
    auto const of = [&](std::string const& more) { return body_of(get("/tiles/ocop/view.png", "width=300&height=200" + more)); };
    EXPECT_EQ(of(""), of("&measure=products"));
    std::set<std::string> const different{of(""),
                                          of("&breaks=2,6,11,21"),
                                          of("&measure=producers&breaks=1,5,10,20"),
                                          of("&measure=stars&breaks=1,5,10,20"),
                                          of("&measure=zone_area_ha&breaks=0.5,5,100,2000"),
                                          of("&measure=none"),
                                          of("&unit=829@2025-06-30")};
    EXPECT_EQ(different.size(), 7U);
    EXPECT_EQ(of(""), of("&unit=829@2025-07-01"));  // no such unit any more: nothing to mark
    EXPECT_EQ(get("/tiles/ocop/11/1629/963.png", "at=1950-01-01").status, 404);
}

TEST_F(PictureRoutesTest, WhatIsWrongIsNamed) {
    expect_refused("/tiles/ocop/11/9999/963.png", "", "11/9999/963");
    expect_refused("/tiles/satellite/11/1629/963.png", "", "satellite");
    expect_refused("/tiles/ocop/3/4/4.png", "", "zoom is 3");
    expect_refused("/tiles/ocop/11/1024/682.png", "", "outside the map");  // Greenwich
    expect_refused("/tiles/ocop/11/1629/963.png", "at=31-31-2025", "31-31-2025");
    expect_refused("/tiles/ocop/11/1629/963.png", "colour=red", "colour");
    expect_refused("/tiles/ocop/view.png", "bbox=9.9,106.2,10.3,106.7", "look swapped");
    expect_refused("/tiles/ocop/view.png", "bbox=106.7,9.9,106.2,10.3", "west,south,east,north");
    expect_refused("/tiles/ocop/view.png", "bbox=nan,9.9,106.2,10.3", "west,south,east,north");
    expect_refused("/tiles/ocop/view.png", "width=100000", "16 to 2048");
    expect_refused("/tiles/ocop/view.png", "measure=income", "products, producers, stars, zone_area_ha or none");
    expect_refused("/tiles/ocop/view.png", "measure=stars", "four rising numbers");
    for (auto const* breaks : {"1,5,10", "1,5,10,20,50", "5,1,10,20", "1,5,5,20", "0,5,10,20", "1,5,10,x", "1,5,10,", ",", "", "1,5,10,inf", "nan,1,2,3"}) {
        expect_refused("/tiles/ocop/view.png", std::string{"measure=stars&breaks="} + breaks, "four rising numbers");
    }
    for (auto const* unit : {"829", "@2025-06-30", "829@", "829@31-31-2025"})
        expect_refused("/tiles/ocop/view.png", std::string{"unit="} + unit, "829@2025-06-30");
    expect_refused("/tiles/ocop/11/1629/963.png", "measure=stars", "measure");  // a tile is cached by its name alone
}

}  // namespace
