// What only shows under many connections: aborts, listeners, descriptors running out.
#include "http/server.hpp"
#include "tests/integration/http/support.hpp"
#include "tests/support/raw_client.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>

#include <atomic>
#include <iostream>
#include <optional>
#include <random>
#include <thread>
#include <vector>

/// Pistache hands an accepted peer to its I/O thread through a lock-free queue, and either thread frees it last.
/// ThreadSanitizer cannot see that order, because the library is not instrumented.
extern "C" char const* __tsan_default_suppressions();
extern "C" char const* __tsan_default_suppressions() {
    return "race:Pistache::Polling::Epoll::addFd\nrace:Pistache::Tcp::Peer::putData\nrace:Pistache::Tcp::Transport::handlePeer\nrace:Pistache::Tcp::Peer::"
           "Create\n";
}

namespace http {
namespace {

using namespace std::chrono_literals;
using http_test::eventually;
using http_test::get;
using test_support::RawClient;

int count_from_environment(char const* name, int otherwise) {
    auto const* text = std::getenv(name);
    return text != nullptr ? std::atoi(text) : otherwise;
}

ServerConfig quiet(int workers) {
    ServerConfig config;
    config.log_requests = false;
    config.workers = workers;
    config.queue_capacity = 4'096;
    return config;
}

/// Aborted requests and honest ones share descriptors' numbers; every honest answer must be its own.
/// OCOPMAP_HTTP_ABORTS sets the number (40,000 was run under each sanitizer).
TEST(HttpLoadTest, NoAnswerReachesTheWrongClient) {
    auto const aborts = count_from_environment("OCOPMAP_HTTP_ABORTS", 4'000);
    Router router;
    router.get("/id/{id}", [](Request const& request) {
        if (request.value(0).back() % 4 == 0) std::this_thread::sleep_for(300us);  // some answers come after the abort
        return Response::text(200, "text/plain", request.value(0) + std::string(request.value(0).back() % 3 == 0 ? 20'000 : 0, '.'));
    });
    std::mutex parked_mutex;
    std::vector<std::pair<std::string, std::shared_ptr<Responder>>> parked;
    router.add_parking("GET", "/parked/{id}", [&](Request const& request, std::shared_ptr<Responder> responder) {
        std::lock_guard const lock{parked_mutex};
        parked.emplace_back(request.value(0), std::move(responder));
    });
    auto config = quiet(4);
    config.io_threads = 2;
    Server server{config, router};
    server.start();

    std::atomic<int> next{0};
    std::atomic<int> wrong{0};
    std::atomic<int> missing{0};
    std::atomic<int> right{0};
    std::atomic<bool> ended{false};
    std::thread releaser{[&] {
        while (!ended) {
            std::this_thread::sleep_for(1ms);
            std::vector<std::pair<std::string, std::shared_ptr<Responder>>> batch;
            {
                std::lock_guard const lock{parked_mutex};
                batch.swap(parked);
            }
            for (auto const& [id, responder] : batch) responder->send(Response::text(200, "text/plain", id));
        }
    }};
    auto const client = [&](unsigned seed) {
        std::minstd_rand random{seed};
        std::optional<RawClient> honest;
        while (true) {
            auto const number = next++;
            if (number >= aborts) return;
            try {
                RawClient aborting{"127.0.0.1", server.port()};
                auto const target = fmt::format("/{}/a{}", number % 3 == 0 ? "parked" : "id", number);
                aborting.send(get(target));
                if (random() % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds{random() % 300});
                if (random() % 2 == 0) aborting.abort();
                else aborting.close();

                if (!honest || random() % 4 == 0) honest.emplace("127.0.0.1", server.port());
                auto const id = fmt::format("h{}", number);
                honest->send(get(fmt::format("/{}/{}", number % 5 == 0 ? "parked" : "id", id)));
                auto const answer = honest->answer(10s);
                if (answer.status != 200) {
                    ++missing;
                    honest.reset();
                } else if (answer.body.substr(0, answer.body.find('.')) != id) {
                    ++wrong;
                } else {
                    ++right;
                }
            } catch (std::runtime_error const&) {
                ++missing;
            }
        }
    };
    std::vector<std::thread> clients;
    for (unsigned i = 0; i < 8; ++i) clients.emplace_back(client, i + 1);
    for (auto& thread : clients) thread.join();
    ended = true;
    releaser.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(missing, 0);
    EXPECT_EQ(right, aborts);
    server.stop();
}

/// The soft limit of descriptors as high as this process may set it: to the hard limit, which root raises first.
std::size_t raise_descriptor_limit() {
    rlimit limit{65'536, 65'536};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    return std::min<std::size_t>(limit.rlim_cur, 1'000'000);
}

TEST(HttpLoadTest, TenThousandListenersCostNoWorker) {
    auto const descriptors = raise_descriptor_limit();
    // two descriptors a listener in this process: the client's and Pistache's
    auto const wanted = std::min<std::size_t>(10'000, (descriptors - 600) / 2);
    std::cout << wanted << " listeners under a limit of " << descriptors << " descriptors" << std::endl;
    Router router;
    auto channel = make_event_channel();
    router.add_events("/events", channel);
    router.get("/echo/{id}", [](Request const& request) { return Response::text(200, "text/plain", request.value(0)); });
    Server server{quiet(1), router};
    server.start();
    std::vector<RawClient> listeners;
    listeners.reserve(wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
        listeners.emplace_back("127.0.0.1", server.port());
        ASSERT_TRUE(listeners.back().send(get("/events")));
        // A request that is being taken in has a descriptor more for a moment: not all of them at once.
        if (i % 500 == 0) {
            ASSERT_TRUE(eventually([&] { return channel->listeners() + 500 > i; }, 30s)) << channel->listeners() << " of " << i;
        }
    }
    ASSERT_TRUE(eventually([&] { return channel->listeners() == wanted; }, 30s)) << channel->listeners() << " of " << wanted;
    RecordProperty("listeners", static_cast<int>(wanted));

    RawClient other{"127.0.0.1", server.port()};
    other.send(get("/echo/free"));
    EXPECT_EQ(other.answer().body, "free");
    channel->publish("tiles", "news");
    std::size_t reached = 0;
    for (auto& listener : listeners) {
        while (listener.received().find("data: news\n\n") == std::string::npos && listener.receive(5s)) {}
        reached += listener.received().find("data: news\n\n") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(reached, wanted);
    listeners.clear();
    EXPECT_TRUE(eventually([&] { return channel->listeners() == 0; }, 30s));
}

TEST(HttpLoadTest, AListenerWhoDoesNotReadIsCutAndNotWaitedFor) {
    Router router;
    auto channel = make_event_channel(3);
    router.add_events("/events", channel);
    Server server{quiet(1), router};
    server.start();
    RawClient reader{"127.0.0.1", server.port()};
    reader.send(get("/events"));
    RawClient stalled{"127.0.0.1", server.port(), 4'096};
    stalled.send(get("/events"));
    RawClient third{"127.0.0.1", server.port()};
    third.send(get("/events"));
    ASSERT_TRUE(eventually([&] { return channel->listeners() == 3; }));
    RawClient fourth{"127.0.0.1", server.port()};
    fourth.send(get("/events"));
    EXPECT_EQ(fourth.answer().status, 503);
    third.close();

    std::string const data(10'000, 'd');
    std::size_t read = 0;
    for (std::size_t i = 1; i <= 1'000; ++i) {  // in step with the one who reads
        channel->publish("", data);
        while (read < i * data.size() && reader.receive(5s)) {
            read += reader.received().size();
            reader.received().clear();
        }
        ASSERT_GE(read, i * data.size()) << "the reader was kept waiting or cut";
    }
    EXPECT_TRUE(eventually([&] { return channel->listeners() == 1; })) << "the stalled one is still there";
}

TEST(HttpLoadTest, WithoutADescriptorItSaysSoAndRecovers) {
    Router router;
    router.get("/echo/{id}", [](Request const& request) { return Response::text(200, "text/plain", request.value(0)); });
    Server server{quiet(1), router};
    server.start();
    ASSERT_TRUE(eventually([&] { return server.metrics().find("ocopmap_http_connections 0") != std::string::npos; }));
    std::this_thread::sleep_for(100ms);  // until the descriptors of the server's own first connection are closed too
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    auto lowered = before;
    lowered.rlim_cur = 300;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
    std::vector<int> fillers;
    for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) fillers.push_back(fd);
    auto const free_one = [&] {
        ::close(fillers.back());
        fillers.pop_back();
    };
    free_one();  // the client's
    free_one();  // Pistache's: nothing is left for our duplicate
    {
        RawClient client{"127.0.0.1", server.port()};
        client.send(get("/echo/1"));
        auto const answer = client.answer();
        EXPECT_EQ(answer.status, 503);
        EXPECT_EQ(answer.header("Retry-After"), "1");
    }
    EXPECT_TRUE(eventually([&] { return server.metrics().find("ocopmap_http_connections 0") != std::string::npos; }));
    for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) fillers.push_back(fd);
    free_one();
    {
        RawClient waiting{"127.0.0.1", server.port()};  // only the client's: accept fails until one is free again
        waiting.send(get("/echo/later"));
        std::this_thread::sleep_for(50ms);
        for (int const fd : fillers) ::close(fd);
        EXPECT_EQ(waiting.answer().body, "later");
    }
    ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace http
