#include "tests/e2e/house/stack.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using test_support::get;
using test_support::wait_until;

std::string const kTile = "/tiles/communes/9/407/241.mvt";  // Bến Tre town and around
test_support::Headers const kGzip{{"Accept-Encoding", "gzip"}};  // what every browser takes; who does not is answered by the daemon
std::string const kQuestion = "/api/products?q=keo%20dua&limit=3";

/// Visitors who go on asking through the front door, and what they were told.
class Visitors {
public:
    Visitors(std::string const& url, std::vector<std::string> const& paths) {
        for (auto const& path : paths) {
            threads_.emplace_back([this, url, path] {
                while (!done_) {
                    int status = 0;
                    try {
                        status = test_support::request("GET", url + path, kGzip, {}, 20s).status;
                    } catch (std::exception const&) {
                        status = -1;  // no answer within 20 s, or half of one
                    }
                    std::lock_guard const lock{mutex_};
                    ++answers_[status];
                }
            });
        }
    }
    ~Visitors() { leave(); }
    std::map<int, int> leave() {
        done_ = true;
        for (auto& thread : threads_) {
            thread.join();
        }
        threads_.clear();
        return answers_;
    }
    int count(int status) {
        std::lock_guard const lock{mutex_};
        return answers_[status];
    }

private:
    std::atomic<bool> done_{false};
    std::mutex mutex_;
    std::map<int, int> answers_;
    std::vector<std::thread> threads_;
};

void expect_only(std::map<int, int> const& answers, std::vector<int> const& allowed) {
    for (auto const& [status, count] : answers) {
        EXPECT_TRUE(std::find(allowed.begin(), allowed.end(), status) != allowed.end()) << count << " answers with status " << status;
    }
}

class ChaosTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { stack_ = std::make_unique<e2e::Stack>(); }
    static void TearDownTestSuite() { stack_.reset(); }
    static std::unique_ptr<e2e::Stack> stack_;
};
std::unique_ptr<e2e::Stack> ChaosTest::stack_;

TEST_F(ChaosTest, AKilledDaemonCostsOnly503AndOnlyItsOwnAnswers) {
    ASSERT_EQ(get(stack_->url() + kTile, kGzip).status, 200);
    Visitors visitors{stack_->url(), {kTile, kQuestion, kTile + "?at=2025-06-30", "/healthz"}};
    ASSERT_TRUE(wait_until([&] { return visitors.count(200) > 50; }, 20s));

    stack_->kill9("ocopmap-api");
    auto const refused = get(stack_->url() + kQuestion);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
    EXPECT_FALSE(refused.header("Retry-After").empty());
    EXPECT_EQ(get(stack_->url() + kTile, kGzip).status, 200);
    stack_->start_again("ocopmap-api");
    ASSERT_TRUE(wait_until([] { return stack_->is_ready(); }, 30s));
    EXPECT_EQ(get(stack_->url() + kQuestion).status, 200);

    stack_->kill9("ocopmap-tiles");
    EXPECT_EQ(get(stack_->url() + kTile, kGzip).status, 200);  // from disk
    EXPECT_EQ(get(stack_->url() + kTile + "?at=2025-06-30").status, 503);
    EXPECT_EQ(get(stack_->url() + kQuestion).status, 200);
    stack_->start_again("ocopmap-tiles");
    ASSERT_TRUE(wait_until([] { return stack_->is_ready(); }, 30s));
    EXPECT_EQ(get(stack_->url() + kTile + "?at=2025-06-30").status, 200);

    expect_only(visitors.leave(), {200, 503});
}

TEST_F(ChaosTest, AnEditMadeWhileTheTileDaemonWasDeadIsSeenAfterItsStart) {
    auto const before = get(stack_->url() + kTile);
    ASSERT_EQ(before.status, 200);
    stack_->kill9("ocopmap-tiles");
    test_support::query(stack_->conninfo(), "UPDATE geo.admin_unit SET name = name || ' *' WHERE level = 'commune' AND valid_to IS NULL");
    stack_->start_again("ocopmap-tiles");
    EXPECT_TRUE(wait_until(
        [&] {
            auto const now = get(stack_->url() + kTile);
            return now.status == 200 && now.body.find(" *") != std::string::npos;
        },
        35s));
    test_support::query(stack_->conninfo(), "UPDATE geo.admin_unit SET name = rtrim(name, ' *') WHERE level = 'commune' AND valid_to IS NULL");
    EXPECT_TRUE(wait_until([] { return get(stack_->url() + kTile).body.find(" *") == std::string::npos; }, 35s));
}

TEST_F(ChaosTest, WithoutTheDatabaseCachedTilesAndHealthGoOnAndAllHealsByItself) {
    ASSERT_EQ(get(stack_->url() + kTile, kGzip).status, 200);
    Visitors visitors{stack_->url(), {kTile, kQuestion, "/healthz"}};
    ASSERT_TRUE(wait_until([&] { return visitors.count(200) > 50; }, 20s));
    ASSERT_EQ(stack_->pg_ctl({"-m", "immediate", "stop"}).exit_code, 0);

    EXPECT_TRUE(wait_until([] { return get(stack_->url() + "/readyz").status == 503; }, 10s));
    EXPECT_TRUE(wait_until([] { return get(stack_->url() + "/tiles/readyz").status == 503; }, 10s));
    EXPECT_EQ(get(stack_->url() + "/healthz").status, 200);
    EXPECT_EQ(get(stack_->url() + kTile, kGzip).status, 200);
    auto const refused = get(stack_->url() + kQuestion);
    EXPECT_EQ(refused.status, 503);
    EXPECT_FALSE(refused.header("Retry-After").empty());
    EXPECT_EQ(refused.body.find("libpq"), std::string::npos) << refused.body;
    EXPECT_EQ(refused.body.find("/pg/"), std::string::npos) << refused.body;

    ASSERT_EQ(stack_->pg_ctl({"start"}).exit_code, 0);
    ASSERT_TRUE(wait_until([] { return stack_->is_ready(); }, 30s));
    EXPECT_EQ(get(stack_->url() + kQuestion).status, 200);
    expect_only(visitors.leave(), {200, 503});

    // the bell rings again too
    test_support::query(stack_->conninfo(), "UPDATE geo.zone SET name = 'sau khi hoi phuc' WHERE zone_key = (SELECT min(zone_key) FROM geo.zone)");
    auto const tile = test_support::value(
        stack_->conninfo(),
        "SELECT format('/tiles/zones/12/%s/%s.mvt', floor((ST_X(p) + 180) / 360 * 4096), floor((1 - asinh(tan(radians(ST_Y(p)))) / pi()) / 2 * 4096))"
        " FROM (SELECT ST_PointOnSurface(geom) AS p FROM geo.zone ORDER BY zone_key LIMIT 1) z");
    EXPECT_TRUE(wait_until([&] { return get(stack_->url() + tile).body.find("sau khi hoi phuc") != std::string::npos; }, 35s)) << tile;
}

TEST_F(ChaosTest, ListenersBeyondTheDescriptorLimitGet503AndTilesGoOn) {
    ASSERT_EQ(get(stack_->url() + kTile, kGzip).status, 200);
    stack_->kill9("ocopmap-tiles");
    stack_->start_again("ocopmap-tiles", {"prlimit", "--nofile=400:400"});
    ASSERT_TRUE(wait_until([] { return stack_->is_ready(); }, 30s)) << stack_->said();
    EXPECT_NE(stack_->said().find("the limit of 400 descriptors allows"), std::string::npos) << stack_->said();

    std::vector<std::unique_ptr<test_support::Connection>> listeners;
    std::string refusal;
    while (refusal.empty() && listeners.size() < 400) {
        listeners.push_back(std::make_unique<test_support::Connection>(stack_->tiles_url()));
        listeners.back()->send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        char head[512];
        auto const count = ::recv(listeners.back()->fd(), head, sizeof head, 0);
        ASSERT_GT(count, 0);
        std::string const text{head, static_cast<std::size_t>(count)};
        if (text.rfind("HTTP/1.1 200 ", 0) != 0) {
            refusal = text;
        }
    }
    EXPECT_EQ(refusal.rfind("HTTP/1.1 503 ", 0), 0U) << refusal;
    EXPECT_NE(refusal.find("Retry-After"), std::string::npos);
    EXPECT_GT(listeners.size(), 50U);
    EXPECT_EQ(get(stack_->url() + kTile, kGzip).status, 200);  // from disk
    EXPECT_EQ(get(stack_->tiles_url() + "/tiles/communes/9/407/241.mvt?at=2025-03-01").status, 200) << "no room is left for requests";

    listeners.clear();
    EXPECT_TRUE(wait_until(
        [] {
            test_support::Connection const listener{stack_->tiles_url()};
            listener.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
            char head[512];
            auto const count = ::recv(listener.fd(), head, sizeof head, 0);
            return count > 0 && std::string{head, static_cast<std::size_t>(count)}.rfind("HTTP/1.1 200 ", 0) == 0;
        },
        20s));
    stack_->kill9("ocopmap-tiles");
    stack_->start_again("ocopmap-tiles");
    EXPECT_TRUE(wait_until([] { return stack_->is_ready(); }, 30s));
}

TEST_F(ChaosTest, BeyondWhatMayWaitTilesAreRefusedAtOnceAndCachedOnesGoOn) {
    ASSERT_EQ(get(stack_->url() + kTile, kGzip).status, 200);
    ::kill(stack_->pid("ocopmap-tiles"), SIGSTOP);  // whoever asks for what is not on disk waits
    std::vector<std::unique_ptr<test_support::Connection>> waiting;
    for (int i = 0; i < 1200; ++i) {
        waiting.push_back(std::make_unique<test_support::Connection>(stack_->url()));
        waiting.back()->send("GET /tiles/communes/10/814/482.mvt?at=2025-06-30 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    test_support::Reply refused;
    EXPECT_TRUE(wait_until(
        [&] {
            try {
                refused = test_support::request("GET", stack_->url() + "/tiles/communes/10/814/483.mvt?at=2025-06-30", {}, {}, 200ms);
            } catch (std::exception const&) {  // not all that were sent have been read yet
                return false;
            }
            return refused.status == 503;
        },
        10s));
    EXPECT_FALSE(refused.header("Retry-After").empty());
    EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(get(stack_->url() + kTile, kGzip).status, 200);
    ::kill(stack_->pid("ocopmap-tiles"), SIGCONT);
    std::map<int, int> statuses;
    for (auto const& connection : waiting) ++statuses[connection->receive().status];
    EXPECT_GE(statuses[200], 1000);
    EXPECT_GE(statuses[503], 90);
    EXPECT_EQ(statuses.size(), 2U);
    EXPECT_EQ(get(stack_->url() + "/tiles/communes/10/814/483.mvt?at=2025-06-30").status, 200);
}

TEST_F(ChaosTest, APictureWhoseMetatileBeginsOutsideTheMapIsDrawn) {
    EXPECT_EQ(get(stack_->url() + "/tiles/ocop/9/407/241.png").status, 200);  // its metatile begins at 101.25° E, the map at 102
}

TEST_F(ChaosTest, AThousandRequestsForOneColdTileAreOneRender) {
    std::string const cold = "/tiles/communes/10/814/482.mvt?at=2025-05-20";  // past the disk: nobody has asked for that day
    auto const before = stack_->counter("ocopmap-tiles", "ocopmap_tile_renders_total");
    std::atomic<int> good{0}, other{0};
    std::latch all_connected{1000};
    std::mutex mutex;
    std::set<std::string> refusals;
    std::vector<std::thread> visitors;
    for (int i = 0; i < 1000; ++i) {
        visitors.emplace_back([&] {
            std::unique_ptr<test_support::Connection> connection;
            try {
                connection = std::make_unique<test_support::Connection>(stack_->url(), 60s);
            } catch (std::exception const&) {
                ++other;
            }
            all_connected.arrive_and_wait();
            if (!connection) {
                return;
            }
            try {
                connection->send("GET " + cold + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                auto const reply = connection->receive();
                if (reply.status == 200) {
                    ++good;
                } else {
                    ++other;
                    std::lock_guard const lock{mutex};
                    refusals.insert(std::to_string(reply.status) + " " + reply.body);
                }
            } catch (std::exception const& error) {
                ++other;
                std::lock_guard const lock{mutex};
                refusals.insert(error.what());
            }
        });
    }
    for (auto& visitor : visitors) {
        visitor.join();
    }
    EXPECT_EQ(good, 1000);
    EXPECT_EQ(other, 0) << *refusals.begin();
    EXPECT_EQ(stack_->counter("ocopmap-tiles", "ocopmap_tile_renders_total") - before, 1);
}

}  // namespace
