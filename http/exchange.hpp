#pragma once

#include "http/connection.hpp"
#include "http/outbox.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "http/worker_pool.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace http {

/// What /metrics tells.
struct Counters {
    std::array<std::atomic<std::uint64_t>, 6> responses{};  // by status class: [2] is 2xx
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{0};     // by the guard, before a handler
    std::atomic<std::uint64_t> overloaded{0};  // queue full
    std::atomic<std::uint64_t> timed_out{0};   // head or body deadline
    std::atomic<std::uint64_t> unsent{0};      // peer gone or too slow for the answer
    std::atomic<std::uint64_t> bytes_sent{0};
    std::atomic<std::int64_t> in_flight{0};
};

/// What all threads of a server share. Outlives the Server while a parked answer is held by someone.
struct Core {
    Core(ServerConfig config, Router router);

    ServerConfig config;
    Router router;
    Counters counters;
    std::atomic<bool> accepting{false};
    std::atomic<std::int64_t> next_full_warning{0};
    std::size_t max_descriptors = SIZE_MAX;  // of connections, as the limit allows; set before the first connection
    std::atomic<std::size_t> listeners{0};
    /// A listener has one descriptor, another connection two.
    bool is_full() const { return 2 * connections.size() - listeners >= max_descriptors; }
    /// Listeners stay for hours: a quarter of the descriptors is left for requests.
    std::size_t max_listeners() const { return max_descriptors - max_descriptors / 4; }
    ConnectionTable connections;
    Outbox outbox;
    WorkerPool pool;
};

/// One request and its one answer.
class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    Exchange(std::shared_ptr<Core> core, std::shared_ptr<Connection> connection, Request request, bool http10, bool keep_alive);
    /// Cuts the connection if nobody answered.
    ~Exchange();
    Exchange(Exchange const&) = delete;
    Exchange& operator=(Exchange const&) = delete;

    /// On a worker: finds the route, runs the handler, answers. Does not throw.
    void run() noexcept;
    /// From any thread. A streamed body keeps the calling thread until it is sent.
    void answer(Response response) noexcept;
    /// The exchange becomes an event listener; it no longer counts as in flight.
    std::shared_ptr<Connection> become_listener();

    Request const& request() const { return request_; }
    Connection const& connection() const { return *connection_; }
    Core& core() { return *core_; }

private:
    void dispatch();
    std::string head_of(Response const& response, std::string_view framing) const;
    bool will_keep_alive() const;
    void send_whole(Response const& response, std::shared_ptr<std::string const> body);
    void send_stream(Response& response);
    void finish(bool sent);  // connection mutex held
    void finish_unlocked(bool sent);

    std::shared_ptr<Core> core_;
    std::shared_ptr<Connection> connection_;
    Request request_;
    bool http10_;
    bool keep_alive_;
    std::int64_t started_;
    int status_ = 0;
    std::atomic<bool> ended_{false};

    friend class StreamSink;
};

/// Refuses outside an exchange (what the guard found, a deadline): sends the problem, then lingers and closes. The
/// connection's mutex is held by the caller.
void refuse_and_close(Core& core, std::shared_ptr<Connection> const& connection, Response response);

/// "01d3b5…": random a process, then counted.
std::string next_request_id();

}  // namespace http
