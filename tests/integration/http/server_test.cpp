// Every row of the list of what Pistache does wrong (docs/adr/0001), straight at a server of this process.
#include "http/server.hpp"

#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "tests/support/raw_client.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace http {
namespace {

using namespace std::chrono_literals;
using test_support::RawClient;

/// Opens once; waiters pass then.
class Gate {
public:
    void open() {
        std::lock_guard const lock{mutex_};
        is_open_ = true;
        changed_.notify_all();
    }
    bool wait(std::chrono::milliseconds within = 20s) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, within, [this] { return is_open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_open_ = false;
};

bool eventually(auto condition, std::chrono::milliseconds within = 5s) {
    auto const deadline = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

std::string get(std::string_view target) { return fmt::format("GET {} HTTP/1.1\r\nHost: test\r\n\r\n", target); }

class ServerTest : public ::testing::Test {
protected:
    ServerTest() {
        config_.log_requests = false;
        router_.get("/echo/{id}", [](Request const& request) { return Response::text(200, "text/plain", request.value(0)); });
        router_.post("/echo", [](Request const& request) { return Response::text(200, "text/plain", request.body); });
        router_.get("/headers", [](Request const& request) {
            std::string text;
            for (auto const& [name, value] : request.headers) text += name + "=" + value + ";";
            return Response::text(200, "text/plain", text);
        });
        router_.get("/slow/{id}", [this](Request const& request) {
            ++running_;
            gate_.wait();
            return Response::text(200, "text/plain", request.value(0));
        });
        router_.get("/big", [](Request const&) { return Response::text(200, "text/plain", std::string(64 * 1024 * 1024, 'b')); });
        router_.get("/stream", [](Request const&) {
            return Response::stream("text/plain", [](BodySink& sink) {
                for (int i = 0; i < 50'000; ++i) sink.write(fmt::format("{:09}\n", i));
            });
        });
        router_.get("/endless", [this](Request const&) {
            return Response::stream("text/plain", [this](BodySink& sink) {
                try {
                    while (true) {
                        sink.write(std::string(10'000, 'e'));
                        streamed_ += 10'000;
                    }
                } catch (Aborted const&) {
                    aborted_ = true;
                    throw;
                }
            });
        });
        router_.get("/throw/{what}", [](Request const& request) -> Response {
            if (request.value(0) == "error") throw gis_core::Error{gis_core::ErrorKind::conflict, "they differ"};
            if (request.value(0) == "std") throw std::runtime_error{"SELECT secret FROM /etc/passwd"};
            if (request.value(0) == "early") return Response::stream("text/plain", [](BodySink&) { throw std::runtime_error{"secret"}; });
            if (request.value(0) == "late") {
                return Response::stream("text/plain", [](BodySink& sink) {
                    sink.write(std::string(100'000, 'x'));
                    throw std::runtime_error{"secret"};
                });
            }
            if (request.value(0) == "header") {
                auto response = Response::json("{}");
                response.headers.add("X-A", "1\r\nX-B: 2");
                return response;
            }
            throw 42;
        });
        router_.get("/status/{code}", [](Request const& request) {
            Response response;
            response.status = std::stoi(request.value(0));
            response.headers.add("Set-Cookie", "a=1");
            response.headers.add("Set-Cookie", "b=2");
            return response;
        });
        router_.add_parking("GET", "/parked", [this](Request const&, std::shared_ptr<Responder> responder) {
            std::lock_guard const lock{parked_mutex_};
            parked_.push_back(std::move(responder));
        });
        router_.add_events("/events", channel_);
    }
    ~ServerTest() override {
        gate_.open();
        server_.reset();
    }

    void start() {
        server_ = std::make_unique<Server>(config_, router_);
        server_->start();
    }
    RawClient connect(int receive_buffer = 0) { return RawClient{"127.0.0.1", server_->port(), receive_buffer}; }
    test_support::RawAnswer ask(std::string_view bytes) {
        auto client = connect();
        client.send(bytes);
        return client.answer();
    }
    std::size_t parked() {
        std::lock_guard const lock{parked_mutex_};
        return parked_.size();
    }
    std::uint64_t metric(std::string const& name) const {
        auto const text = server_->metrics();
        auto const at = text.find("\nocopmap_http_" + name + " ");
        return at == std::string::npos ? 0 : std::stoull(text.substr(at + name.size() + 15));
    }

    ServerConfig config_;
    Router router_;
    std::shared_ptr<EventChannel> channel_ = make_event_channel();
    Gate gate_;
    std::atomic<int> running_{0};
    std::atomic<bool> aborted_{false};
    std::atomic<std::size_t> streamed_{0};
    std::mutex parked_mutex_;
    std::vector<std::shared_ptr<Responder>> parked_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersManyRequestsOfOneConnectionInOrder) {
    start();
    auto client = connect();
    for (int i = 0; i < 200; ++i) {
        client.send(get(fmt::format("/echo/{}", i)));
        auto const answer = client.answer();
        ASSERT_EQ(answer.status, 200);
        ASSERT_EQ(answer.body, std::to_string(i));
    }
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    auto const answer = client.answer();
    EXPECT_EQ(answer.body, "hello");
    EXPECT_NE(answer.header("Date").find(" GMT"), std::string::npos);
    EXPECT_EQ(answer.header("X-Request-Id").size(), 16U);
}

TEST_F(ServerTest, StreamsInChunksAndKeepsTheConnection) {
    start();
    auto client = connect();
    for (int i = 0; i < 2; ++i) {
        client.send(get("/stream"));
        auto const answer = client.answer();
        ASSERT_EQ(answer.status, 200);
        EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
        EXPECT_EQ(answer.body.size(), 500'000U);
        EXPECT_TRUE(answer.body.ends_with("000049999\n"));
    }
}

TEST_F(ServerTest, AnswersParkedRequestsFromAnyThread) {
    config_.workers = 1;
    start();
    std::vector<RawClient> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(connect());
        clients.back().send(get("/parked"));
    }
    ASSERT_TRUE(eventually([&] { return parked() == 50; }));
    EXPECT_EQ(ask(get("/echo/free")).body, "free");
    for (std::size_t i = 0; i < 50; ++i) {
        if (i == 7) parked_[i] = nullptr;  // forgotten
        else if (i == 8) parked_[i]->send(Response::stream("text/plain", [](BodySink& sink) { sink.write("streamed"); }));
        else parked_[i]->send(Response::text(200, "text/plain", std::to_string(i)));
    }
    for (std::size_t i = 0; i < 50; ++i) {
        auto const answer = clients[i].answer();
        EXPECT_EQ(answer.status, i == 7 ? 500 : 200);
        if (i != 7) { EXPECT_EQ(answer.body, i == 8 ? "streamed" : std::to_string(i)); }
    }
}

TEST_F(ServerTest, PublishesEventsToListeners) {
    start();
    auto client = connect();
    client.send(get("/events"));
    ASSERT_TRUE(eventually([&] { return client.receive(100ms), client.received().find(": listening\n\n") != std::string::npos; }));
    EXPECT_EQ(channel_->listeners(), 1U);
    channel_->publish("tiles", "{\"a\":1}\nsecond");
    EXPECT_TRUE(eventually([&] {
        client.receive(100ms);
        return client.received().find("event: tiles\ndata: {\"a\":1}\ndata: second\n\n") != std::string::npos;
    }));
    client.close();
    EXPECT_TRUE(eventually([&] { return channel_->listeners() == 0; }));
}

}  // namespace
}  // namespace http
