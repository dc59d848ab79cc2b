#pragma once

#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "http/route.hpp"
#include "tests/support/database.hpp"
#include "tests/support/mvt_decoder.hpp"
#include "tile_server/service.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tile_server {

struct Answer {
    int status = 0;
    std::string body;
    http::Headers headers;
    std::string header(std::string_view name) const { return std::string{headers.find(name).value_or("")}; }
};

/// Keeps the answer for whoever waits.
class CapturingResponder : public http::Responder {
public:
    void send(http::Response response) override {
        Answer answer{response.status, {}, response.headers};
        if (auto const* text = std::get_if<std::string>(&response.body)) answer.body = *text;
        if (auto const* shared = std::get_if<std::shared_ptr<std::string const>>(&response.body); shared && *shared) answer.body = **shared;
        answer_.set_value(std::move(answer));
    }
    bool is_aborted() const override { return aborted; }
    std::future<Answer> answer() { return answer_.get_future(); }
    std::atomic<bool> aborted{false};

private:
    std::promise<Answer> answer_;
};

/// The tile daemon on a database and a cache of its own, as its role, without a socket.
class ServiceTest : public ::testing::Test {
protected:
    using Clock = std::chrono::steady_clock;

    void SetUp() override {
        char pattern[] = "/tmp/ocopmap-tiles-test-XXXXXX";
        cache_dir = ::mkdtemp(pattern);
        start();
    }
    void TearDown() override {
        service.reset();
        std::filesystem::remove_all(cache_dir);
    }
    void start() {
        ServiceConfig config;
        config.conninfo = database.conninfo_as("ocopmap_tiles");
        config.data = OCOPMAP_DATA_DIR;
        config.cache = cache_dir;
        config.store_bytes = store_bytes;
        config.recompresses = recompresses;
        config.slow_ms = slow_ms;
        config.today = [this] { return today(); };
        config.before_publish = [this] {
            std::function<void()> hook;
            {
                std::lock_guard lock{mutex};
                hook = before_publish;
            }
            if (hook) hook();
        };
        service = std::make_unique<Service>(config);
        router = http::Router{};
        service->add_routes(router, {});
        before_start();
        service->start();
        ASSERT_TRUE(eventually([&] { return get("/readyz").status == 200; }, std::chrono::seconds{20}));
    }
    virtual void before_start() {}
    std::future<Answer> ask(std::string const& target, std::string const& accept_encoding = {}, std::string const& if_none_match = {},
                            std::shared_ptr<CapturingResponder> const& responder = std::make_shared<CapturingResponder>()) {
        http::Request request;
        request.method = "GET";
        request.target = target;
        auto const mark = target.find('?');
        request.path = target.substr(0, mark);
        if (mark != std::string::npos) request.raw_query = target.substr(mark + 1);
        if (!accept_encoding.empty()) request.headers.add("Accept-Encoding", accept_encoding);
        if (!if_none_match.empty()) request.headers.add("If-None-Match", if_none_match);
        auto future = responder->answer();
        try {
            request.query = http::Query::parse(request.raw_query);
            auto const& route = router.match(request);
            if (auto const* handler = std::get_if<http::Handler>(&route.action)) responder->send((*handler)(request));
            else std::get<http::ParkingHandler>(route.action)(request, responder);
        } catch (gis_core::Error const& error) {
            responder->send(http::to_problem(error, request));
        }
        return future;
    }
    Answer get(std::string const& target, std::string const& accept_encoding = {}, std::string const& if_none_match = {}) {
        return ask(target, accept_encoding, if_none_match).get();
    }
    std::vector<test_support::MvtFeature> features(std::string const& target) {
        auto const answer = get(target);
        if (answer.status == 204 || answer.status == 404) return {};
        EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
        auto layers = test_support::decode_mvt(answer.body);
        EXPECT_EQ(layers.size(), 1U) << target;
        return layers.empty() ? std::vector<test_support::MvtFeature>{} : layers[0].features;
    }
    template <typename Condition>
    static bool eventually(Condition condition, std::chrono::milliseconds patience = std::chrono::seconds{10}) {
        for (auto const end = Clock::now() + patience; Clock::now() < end;) {
            if (condition()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        return condition();
    }
    bool is_on_disk(std::string const& tile) const {
        auto const exists = [&](char const* suffix) { return std::filesystem::exists(cache_dir / "tiles" / (tile + suffix)); };
        return exists(".mvt.gz") || exists(".mvt") || exists(".mvt.empty");
    }
    gis_core::Date today() {
        std::lock_guard lock{mutex};
        return day;
    }

    test_support::TestDatabase database{test_support::TestDatabase::From::demo};
    std::filesystem::path cache_dir;
    std::uint64_t store_bytes = std::uint64_t{64} << 20U;
    bool recompresses = false;  // it changes ETags of encodings behind a test's back
    double slow_ms = 200;
    std::unique_ptr<Service> service;
    http::Router router;
    std::mutex mutex;
    gis_core::Date day = gis_core::business_date();
    std::function<void()> before_publish;
};

}  // namespace tile_server
