#include "tile_server/flights.hpp"

#include "gis_core/error.hpp"

#include <gtest/gtest.h>

#include <future>

namespace tile_server {
namespace {

using namespace std::chrono_literals;

class Waiting : public http::Responder {
public:
    void send(http::Response response) override { answer_.set_value(std::move(response)); }
    bool is_aborted() const override { return aborted; }
    std::future<http::Response> answer() { return answer_.get_future(); }
    std::atomic<bool> aborted{false};

private:
    std::promise<http::Response> answer_;
};

/// One thread that makes tiles, held in the first of them until let go.
class FlightsTest : public ::testing::Test {
protected:
    static constexpr std::size_t kCapacity = 12;

    ~FlightsTest() override {
        if (!is_let_go) let_go.set_value();
        flights.stop();
    }
    std::future<http::Response> ask(std::string const& key, std::shared_ptr<Waiting> const& waiting = std::make_shared<Waiting>(),
                                    gis_core::TileId tile = {9, 407, 241}) {
        auto answer = waiting->answer();
        flights.join(
            key, {{"zones"}, tile, 1, 0}, false,
            [this, key](Flight& flight) {
                made.push_back(key);
                if (made.size() == 1) {
                    begun.set_value();
                    held.wait();
                    flight.check_wanted();
                }
                auto content = std::make_shared<TileContent>();
                content->plain = key + std::to_string(made.size());
                return content;
            },
            {}, waiting);
        return answer;
    }
    /// The thread is in the first render, and the queue is full behind it.
    void fill() {
        answers.push_back(ask("first"));
        ASSERT_EQ(begun.get_future().wait_for(10s), std::future_status::ready);
        for (std::size_t i = 0; i < kCapacity; ++i) answers.push_back(ask("queued " + std::to_string(i)));
    }
    void go_on() {
        is_let_go = true;
        let_go.set_value();
    }
    static std::string text(http::Response const& response) { return std::get<std::string>(response.body); }

    std::promise<void> begun, let_go;
    std::shared_future<void> held = let_go.get_future().share();
    bool is_let_go = false;
    std::vector<std::string> made;  // by the one thread; read when all is answered
    std::vector<std::future<http::Response>> answers;
    Flights flights{1, kCapacity, 1 << 20, [](http::Request const&, std::shared_ptr<TileContent const> const& content) {
                        return http::Response::text(200, "text/plain", content->plain);
                    }};
};

TEST_F(FlightsTest, AFullQueueRefusesAtOnceAndStillLetsOthersJoin) {
    fill();
    auto refused = ask("one too many");
    ASSERT_EQ(refused.wait_for(0s), std::future_status::ready) << "told by who asks, not by a thread that is busy";
    auto const response = refused.get();
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(response.headers.find("Retry-After").has_value());
    auto joined = ask("queued 1");
    EXPECT_EQ(joined.wait_for(0s), std::future_status::timeout);
    go_on();
    EXPECT_EQ(text(joined.get()), text(answers[2].get()));
    for (auto& answer : answers) EXPECT_TRUE(!answer.valid() || answer.get().status == 200);
    EXPECT_EQ(made.size(), 1 + kCapacity);
}

TEST_F(FlightsTest, RequestsForOneTileAreMadeTogetherEightAtATime) {
    answers.push_back(ask("first"));
    ASSERT_EQ(begun.get_future().wait_for(10s), std::future_status::ready);
    for (std::string const key : {"a1", "b1", "a2", "c1", "b2", "a3", "a4", "a5", "a6", "a7", "a8", "a9"})
        answers.push_back(ask(key, std::make_shared<Waiting>(), {9, 407, static_cast<std::uint32_t>(key[0])}));
    go_on();
    for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200);
    EXPECT_EQ(made, (std::vector<std::string>{"first", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "b1", "b2", "c1", "a9"}));
}

TEST_F(FlightsTest, WhatNobodyWaitsForIsNotMade) {
    answers.push_back(ask("first"));
    ASSERT_EQ(begun.get_future().wait_for(10s), std::future_status::ready);
    auto const leaving = std::make_shared<Waiting>(), leaving_too = std::make_shared<Waiting>();
    auto const gone = ask("left by all", leaving), gone_too = ask("left by one", leaving_too);
    auto stays = ask("left by one");
    leaving->aborted = leaving_too->aborted = true;
    go_on();
    EXPECT_EQ(stays.get().status, 200);
    EXPECT_EQ(made, (std::vector<std::string>{"first", "left by one"}));
}

TEST_F(FlightsTest, WhatEverybodyLeftWhileItWasMadeEndsThere) {
    auto const leaving = std::make_shared<Waiting>();
    auto const gone = ask("first", leaving);
    ASSERT_EQ(begun.get_future().wait_for(10s), std::future_status::ready);
    leaving->aborted = true;
    auto next = ask("second");
    go_on();
    EXPECT_EQ(text(next.get()), "second2");
    EXPECT_NE(flights.metrics().find("\nocopmap_tile_cancelled_total 1\n"), std::string::npos) << flights.metrics();
}

TEST_F(FlightsTest, WhoJoinsARenderThatAllOthersLeftGetsIt) {
    auto const leaving = std::make_shared<Waiting>();
    auto const gone = ask("first", leaving);
    ASSERT_EQ(begun.get_future().wait_for(10s), std::future_status::ready);
    leaving->aborted = true;
    auto joined = ask("first");
    go_on();
    EXPECT_EQ(text(joined.get()), "first1");
    EXPECT_NE(flights.metrics().find("\nocopmap_tile_cancelled_total 0\n"), std::string::npos);
}

TEST_F(FlightsTest, ATouchedTileIsMadeAgainBeforeItIsSent) {
    fill();
    flights.touch("rivers", Cover{true, {}});
    flights.touch("zones", Cover{false, {Cover::Cell{0}}});  // elsewhere
    go_on();
    EXPECT_EQ(text(answers[0].get()), "first1");
    for (std::size_t i = 1; i < answers.size(); ++i) answers[i].get();
    EXPECT_EQ(made.size(), 1 + kCapacity);
}

TEST_F(FlightsTest, AStaleTileIsNeverSent) {
    fill();
    flights.touch("zones", Cover{true, {}});
    auto late = ask("first");  // the queue is full and the flight of that key is stale: neither joins nor starts
    EXPECT_EQ(late.get().status, 503);
    go_on();
    EXPECT_EQ(text(answers[0].get()), "first2") << "what was drawn before the change was sent";
}

}  // namespace
}  // namespace tile_server
