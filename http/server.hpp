#pragma once

#include "http/router.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace http {

struct ServerConfig {
    std::string address = "127.0.0.1";  // never a public one: nginx is the front door
    std::uint16_t port = 0;             // 0: a free one, see Server::port()
    int io_threads = 1;
    int workers = 4;
    std::size_t queue_capacity = 256;              // requests waiting for a worker; beyond: 503 with Retry-After
    std::size_t max_head_bytes = 16 * 1024;        // 431
    std::size_t max_target_bytes = 8 * 1024;       // 414
    std::size_t max_body_bytes = 8 * 1024 * 1024;  // 413
    std::map<std::string, std::size_t> max_body_bytes_of = {};  // path -> another limit
    std::chrono::milliseconds head_deadline{10'000};
    std::chrono::milliseconds body_deadline{30'000};
    std::chrono::milliseconds idle_deadline{75'000};
    std::chrono::milliseconds write_deadline{30'000};  // without progress
    std::chrono::milliseconds drain_deadline{15'000};
    bool log_requests = true;  // one line a request
};

/// Pistache behind our own guard, response writer, deadlines and worker pool (docs/adr/0001).
class Server {
public:
    Server(ServerConfig config, Router router);
    ~Server();
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;

    void start();
    std::uint16_t port() const;
    /// Stops accepting, answers what is in flight within drain_deadline, then returns.
    void stop();
    /// False from the moment stop() was called: /readyz says so.
    bool accepting() const;
    /// Counters for /metrics, Prometheus text format.
    std::string metrics() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Blocks SIGTERM and SIGINT in all threads and waits for one of them. Call block_signals() first in main.
void block_signals();
void wait_for_signal();

/// A channel for Router::add_events. heartbeat: a comment line now and then, so that dead peers are noticed.
std::shared_ptr<EventChannel> make_event_channel(std::size_t max_listeners = 20'000);

}  // namespace http
