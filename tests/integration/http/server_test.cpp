// Every row of the list of what Pistache does wrong (docs/adr/0001), straight at a server of this process.
#include "http/server.hpp"

#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "tests/integration/http/support.hpp"
#include "tests/support/raw_client.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

namespace http {
namespace {

using namespace std::chrono_literals;
using http_test::eventually;
using http_test::get;
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

class ServerTest : public ::testing::Test {
protected:
    ServerTest() {
        config_.log_requests = false;
        config_.drain_deadline = 3s;
        router_.get("/echo/{id}", [](Request const& request) { return Response::text(200, "text/plain", request.value(0)); });
        router_.get_now("/healthz", [](Request const&) { return Response::text(200, "text/plain", "ok"); });
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
        router_.get("/big/{megabytes}",
                    [](Request const& request) { return Response::text(200, "text/plain", std::string(std::stoul(request.value(0)) * 1024 * 1024, 'b')); });
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
        forget_parked();
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
    void forget_parked() {
        std::vector<std::shared_ptr<Responder>> dropped;
        std::lock_guard const lock{parked_mutex_};
        dropped.swap(parked_);
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
        if (i != 7) {
            EXPECT_EQ(answer.body, i == 8 ? "streamed" : std::to_string(i));
        }
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

TEST_F(ServerTest, RefusesMalformedRequestsAndCloses) {
    start();
    struct Case {
        int status;
        std::string bytes;
    };
    std::string const line = "GET /echo/1 HTTP/1.1\r\n";
    std::string const host = line + "Host: x\r\n";
    std::string const hidden = get("/echo/hidden");
    std::vector<Case> const cases{
        {400, line + "\r\n"},
        {400, host + "Host: y\r\n\r\n"},
        {400, host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + hidden},
        {400, host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n" + hidden},
        {400, host + "Content-Length: five\r\n\r\n" + hidden},
        {400, host + "Content-Length: -1\r\n\r\n" + hidden},
        {400, host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden},
        {400, host + "Transfer-Encoding: identity\r\n\r\n" + hidden},
        {400, host + std::string{"X-A: \0\r\n\r\n", 10} + hidden},
        {400, "GET /echo/1\0 HTTP/1.1\r\nHost: x\r\n\r\n" + hidden},
        {400, host + "bad header\r\n\r\n" + hidden},
        {400, "\x16\x03\x01\x02" + hidden},
        {400, "GET /echo/1 HTTP/1.1\nHost: x\n\n" + hidden},
        {505, "GET / HTTP/3.0\r\nHost: x\r\n\r\n" + hidden},
        {414, get(std::string(30'000, '/')) + hidden},
        {414, get("/echo/" + std::string(100 * 1024, 'a')) + hidden},
        {431, host + "X-A: " + std::string(1024 * 1024, 'a') + "\r\n\r\n" + hidden},
        {413, host + "Content-Length: 999999999\r\n\r\n" + hidden},
        {413, host + "Content-Length: 99999999999999999999\r\n\r\n" + hidden},
    };
    for (auto const& [status, bytes] : cases) {
        auto client = connect();
        client.send(bytes);
        auto const answer = client.answer();
        EXPECT_EQ(answer.status, status) << bytes.substr(0, 80);
        EXPECT_EQ(answer.header("Connection"), "close");
        EXPECT_EQ(answer.header("Content-Type"), "application/problem+json; charset=utf-8");
        client.shut_write();
        EXPECT_TRUE(client.is_closed()) << bytes.substr(0, 80);
        EXPECT_EQ(client.received(), "") << "left-over bytes became a request";
    }
    EXPECT_EQ(metric("refused_total"), cases.size());
    EXPECT_EQ(ask(get("/echo/alive")).body, "alive");
}

TEST_F(ServerTest, LetsAClientThatStillSendsReadTheRefusal) {
    start();
    for (auto const* head : {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n", "GET /"}) {
        auto client = connect();
        ASSERT_TRUE(client.send(head));
        std::thread sender{[&] { client.send(std::string(6 * 1024 * 1024, 'a')); }};
        sender.join();  // all of it is taken and dropped
        auto const answer = client.answer();
        EXPECT_EQ(answer.status, head[0] == 'P' ? 413 : 414);
    }
}

TEST_F(ServerTest, GivesUpOnAClientThatSendsTooSlowly) {
    config_.head_deadline = 300ms;
    config_.body_deadline = 300ms;
    config_.idle_deadline = 300ms;
    start();
    auto silent = connect();
    auto slow_head = connect();
    auto slow_body = connect();
    auto idle = connect();
    idle.send(get("/echo/1"));
    EXPECT_EQ(idle.answer().status, 200);
    slow_body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
    slow_head.send("GET /echo/1 HTTP/1.1\r\nX-A: ");
    for (int i = 0; i < 20; ++i) {  // a byte now and then does not prolong it
        slow_head.send("a");
        slow_body.send("a");
        std::this_thread::sleep_for(40ms);
    }
    EXPECT_EQ(slow_head.answer().status, 408);
    EXPECT_EQ(slow_body.answer().status, 408);
    EXPECT_TRUE(slow_head.is_closed());
    EXPECT_TRUE(slow_body.is_closed());
    EXPECT_TRUE(silent.is_closed());
    EXPECT_TRUE(idle.is_closed());
    EXPECT_EQ(silent.received() + idle.received(), "");
    EXPECT_EQ(metric("timed_out_total"), 2U);
    EXPECT_TRUE(eventually([&] { return metric("connections") == 0; }));
}

TEST_F(ServerTest, AReaderWhoStallsHoldsNoWorkerAndIsCutOff) {
    config_.workers = 1;
    config_.write_deadline = 500ms;
    start();
    std::vector<RawClient> stalled;
    for (int i = 0; i < 5; ++i) {
        stalled.push_back(connect(4'096));
        stalled.back().send(get("/big/12"));
    }
    auto const start_of_wait = std::chrono::steady_clock::now();
    EXPECT_EQ(ask(get("/echo/free")).body, "free");
    EXPECT_LT(std::chrono::steady_clock::now() - start_of_wait, 2s);
    EXPECT_TRUE(eventually([&] { return metric("unsent_total") == 5; }, 10s));
    for (auto& client : stalled) EXPECT_EQ(client.answer(2s).status, 0) << "cut before the end";
}

TEST_F(ServerTest, AStreamWaitsForItsReaderAndEndsWithIt) {
    config_.workers = 1;
    config_.write_deadline = 500ms;
    start();
    auto client = connect(4'096);
    client.send(get("/endless"));
    ASSERT_TRUE(eventually([&] { return aborted_.load(); }, 5s));
    EXPECT_LT(streamed_.load(), 20U * 1024 * 1024) << "no back pressure";
    aborted_ = false;
    auto second = connect();
    second.send(get("/endless"));
    ASSERT_TRUE(eventually([&] { return second.receive(100ms); }));
    second.abort();
    EXPECT_TRUE(eventually([&] { return aborted_.load(); }, 3s));
    EXPECT_EQ(ask(get("/echo/free")).body, "free");
}

TEST_F(ServerTest, AStalledStreamGivesItsWorkerToThoseWhoWait) {
    config_.workers = 1;
    start();
    auto client = connect(4'096);
    client.send(get("/endless"));
    ASSERT_TRUE(eventually([&] { return streamed_ > 0; }));
    auto other = connect();
    other.send(get("/echo/free"));
    EXPECT_EQ(other.answer(8s).body, "free");
    EXPECT_TRUE(aborted_);
}

TEST_F(ServerTest, NothingSpinsWhileClientsStall) {
    start();
    auto stalled = connect(4'096);
    stalled.send(get("/big/12"));
    auto half_closed = connect();
    half_closed.send(get("/parked"));
    half_closed.shut_write();
    auto aborted = connect();
    aborted.send(get("/parked"));
    auto unfinished = connect();
    unfinished.send("GET /");
    auto refused = connect();
    refused.send("nonsense\r\n");
    EXPECT_EQ(refused.answer().status, 400);
    auto listener = connect();
    listener.send(get("/events"));
    ASSERT_TRUE(eventually([&] { return parked() == 2 && channel_->listeners() == 1; }));
    aborted.abort();
    std::this_thread::sleep_for(50ms);
    auto const before = std::clock();
    std::this_thread::sleep_for(600ms);
    auto const cpu_ms = (std::clock() - before) * 1'000 / CLOCKS_PER_SEC;
    EXPECT_LT(cpu_ms, 100) << "of 600";
}

TEST_F(ServerTest, BigAnswersComeWhole) {
    start();
    auto client = connect();
    client.send(get("/big/64"));
    auto const answer = client.answer(20s);
    EXPECT_EQ(answer.body.size(), 64U * 1024 * 1024);
    EXPECT_EQ(answer.body.find_first_not_of('b'), std::string::npos);
    client.send(get("/echo/next"));
    EXPECT_EQ(client.answer().body, "next");
}

TEST_F(ServerTest, ASecondEarlyRequestIsNotRunAndEndsTheConnection) {
    start();
    auto together = connect();
    together.send(get("/echo/first") + get("/slow/second"));
    auto answer = together.answer();
    EXPECT_EQ(answer.body, "first");
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(together.is_closed());
    auto early = connect();
    early.send(get("/slow/first"));
    ASSERT_TRUE(eventually([&] { return running_ == 1; }));
    early.send(get("/slow/second"));
    std::this_thread::sleep_for(50ms);
    gate_.open();
    answer = early.answer();
    EXPECT_EQ(answer.body, "first");
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(early.is_closed());
    EXPECT_EQ(early.received(), "");
    EXPECT_EQ(running_, 1);
}

TEST_F(ServerTest, AFloodDuringAnAnswerEndsTheConnection) {
    start();
    auto client = connect();
    client.send(get("/slow/1"));
    ASSERT_TRUE(eventually([&] { return running_ == 1; }));
    bool taken = true;
    for (int i = 0; taken && i < 64; ++i) taken = client.send(std::string(1024 * 1024, 'x'));
    EXPECT_FALSE(taken);
    gate_.open();
    EXPECT_EQ(ask(get("/echo/alive")).body, "alive");
}

TEST_F(ServerTest, AnswersAClientThatClosedItsSide) {
    start();
    auto client = connect();
    client.send(get("/slow/half"));
    client.shut_write();
    ASSERT_TRUE(eventually([&] { return running_ == 1 && metric("connections") == 0; }));
    gate_.open();
    EXPECT_EQ(client.answer().body, "half");
    EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, TellsAParkedAnswerThatItsClientLeft) {
    start();
    auto client = connect();
    client.send(get("/parked"));
    ASSERT_TRUE(eventually([&] { return parked() == 1; }));
    EXPECT_FALSE(parked_[0]->is_aborted());
    client.close();
    EXPECT_TRUE(eventually([&] { return parked_[0]->is_aborted(); }));
    parked_[0]->send(Response::text(200, "text/plain", "late"));
    EXPECT_EQ(ask(get("/echo/alive")).body, "alive");
}

TEST_F(ServerTest, SaysOverloadedWhenTheQueueIsFull) {
    config_.workers = 1;
    config_.queue_capacity = 2;
    start();
    auto running = connect();
    running.send(get("/slow/0"));
    ASSERT_TRUE(eventually([&] { return running_ == 1; }));
    std::vector<RawClient> waiting;
    for (int i = 1; i <= 2; ++i) {
        waiting.push_back(connect());
        waiting.back().send(get(fmt::format("/slow/{}", i)));
    }
    ASSERT_TRUE(eventually([&] { return metric("queued") == 2; }));
    auto surplus = connect();
    surplus.send(get("/slow/3"));
    auto const answer = surplus.answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("Retry-After"), "1");
    EXPECT_EQ(metric("overloaded_total"), 1U);
    EXPECT_EQ(ask(get("/healthz")).body, "ok") << "health goes past the queue";
    gate_.open();
    EXPECT_EQ(running.answer().body, "0");
    EXPECT_EQ(waiting[0].answer().body, "1");
    EXPECT_EQ(waiting[1].answer().body, "2");
    surplus.send(get("/echo/again"));
    EXPECT_EQ(surplus.answer().body, "again");
}

TEST_F(ServerTest, DrainsBeforeItStops) {
    start();
    auto busy = connect();
    busy.send(get("/slow/kept"));
    auto waiting = connect();
    waiting.send(get("/parked"));
    auto idle = connect();
    auto listener = connect();
    listener.send(get("/events"));
    ASSERT_TRUE(eventually([&] { return running_ == 1 && parked() == 1 && channel_->listeners() == 1; }));
    std::thread stopper{[&] { server_->stop(); }};
    ASSERT_TRUE(eventually([&] { return !server_->accepting(); }));
    EXPECT_TRUE(idle.is_closed());
    EXPECT_TRUE(listener.is_closed());
    auto late = connect();
    auto const refused = late.answer();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Connection"), "close");
    gate_.open();
    auto const answer = busy.answer();
    EXPECT_EQ(answer.body, "kept");
    EXPECT_EQ(answer.header("Connection"), "close");
    parked_[0]->send(Response::text(200, "text/plain", "late"));
    EXPECT_EQ(waiting.answer().body, "late");
    stopper.join();
    EXPECT_THROW(connect(), std::runtime_error);
}

TEST_F(ServerTest, StopsAfterTheDrainDeadlineAndStartsAgainOnThePort) {
    config_.drain_deadline = 200ms;
    start();
    auto client = connect();
    client.send(get("/parked"));
    ASSERT_TRUE(eventually([&] { return parked() == 1; }));
    auto const port = server_->port();
    server_->stop();
    EXPECT_TRUE(client.is_closed());
    forget_parked();
    config_.port = port;
    start();
    EXPECT_EQ(ask(get("/echo/again")).body, "again");
    Server second{config_, router_};
    EXPECT_THROW(second.start(), gis_core::Error);
}

TEST_F(ServerTest, HeadHasTheHeadersAndNoBody) {
    start();
    auto client = connect();
    client.send("HEAD /echo/12345 HTTP/1.1\r\nHost: x\r\n\r\n");
    auto const answer = client.answer(5s, true);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Length"), "5");
    client.send("HEAD /endless HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.answer(5s, true).status, 200);
    client.send("HEAD /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.answer(5s, true).status, 404);
    client.send("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.answer(5s, true).status, 200);
    client.send(get("/echo/next"));
    EXPECT_EQ(client.answer().body, "next");
}

TEST_F(ServerTest, AnswersWithoutABodyHaveNone) {
    start();
    auto client = connect();
    for (int const status : {204, 304}) {
        client.send(get(fmt::format("/status/{}", status)));
        auto const answer = client.answer();
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.header("Content-Length"), "");
        auto const first = answer.head.find("Set-Cookie: a=1");
        EXPECT_NE(answer.head.find("Set-Cookie: b=2", first), std::string::npos) << "headers may be repeated";
    }
    client.send(get("/echo/next"));
    EXPECT_EQ(client.answer().body, "next");
}

TEST_F(ServerTest, OldVersionsAndConnectionCloseEndTheConnection) {
    start();
    for (auto const* request : {"GET /echo/1 HTTP/1.0\r\n\r\n", "GET /echo/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                                "GET /echo/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}) {
        auto client = connect();
        client.send(request);
        auto const answer = client.answer();
        EXPECT_EQ(answer.body, "1");
        EXPECT_EQ(answer.header("Connection"), "close");
        EXPECT_TRUE(client.is_closed());
    }
    auto client = connect();
    client.send("GET /stream HTTP/1.0\r\n\r\n");
    auto const answer = client.answer();
    EXPECT_EQ(answer.header("Transfer-Encoding"), "");
    EXPECT_EQ(answer.body.size(), 500'000U);
}

TEST_F(ServerTest, NoExceptionTextReachesAClient) {
    start();
    EXPECT_EQ(ask(get("/throw/error")).status, 409);
    for (auto const* what : {"std", "int", "early", "header"}) {
        auto const answer = ask(get(fmt::format("/throw/{}", what)));
        EXPECT_EQ(answer.status, 500) << what;
        EXPECT_EQ(answer.body.find("secret"), std::string::npos);
        EXPECT_NE(answer.body.find("\"instance\":\"" + answer.header("X-Request-Id")), std::string::npos);
    }
    auto client = connect();
    client.send(get("/throw/late"));
    EXPECT_EQ(client.answer().status, 0) << "an answer that broke off must not look whole";
    EXPECT_EQ(ask(get("/echo/1?a=%zz")).status, 400);
    EXPECT_EQ(ask(get("/echo/%ff")).status, 400);
    auto const refused = ask("DELETE /echo/1 HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.header("Allow"), "GET, HEAD");
}

TEST_F(ServerTest, PassesHeadersThatPistacheChokesOn) {
    start();
    for (std::string const field : {"Accept: *; q=.2", "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "Content-Type: foo", "Cookie: foo",
                                    "Cache-Control: stale-if-error=60", "Date: yesterday", "Authorization: x", "Connection: Keep-Alive, x",
                                    "User-Agent: \xc3\xa9", "Accept-Encoding: zstd;q=1.0, br", "Access-Control-Request-Headers: ,"}) {
        auto const answer = ask("GET /headers HTTP/1.1\r\nHost: [::1]:80\r\n" + field + "\r\n\r\n");
        EXPECT_EQ(answer.status, 200) << field;
        auto const colon = field.find(": ");
        EXPECT_NE(answer.body.find(field.substr(0, colon) + "=" + field.substr(colon + 2) + ";"), std::string::npos) << field;
    }
}

TEST_F(ServerTest, SaysContinueAndTakesABodyInPieces) {
    start();
    auto client = connect();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(client.answer().status, 100);
    for (auto const* piece : {"a", "b", "c", "d"}) {
        client.send(piece);
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_EQ(client.answer().body, "abcd");
    std::string const big(3 * 1024 * 1024, 'z');
    client.send(fmt::format("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", big.size()) + big);
    EXPECT_EQ(client.answer().body, big);
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    EXPECT_EQ(client.answer().body, "abc");
}

}  // namespace
}  // namespace http
