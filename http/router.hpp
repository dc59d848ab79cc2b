#pragma once

#include "http/message.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// Answers a parked request later, from any thread, once. Dropped without an answer it sends 500.
/// This is how single-flight waiters and event streams wait without holding a worker (T7).
class Responder {
public:
    virtual ~Responder() = default;
    virtual void send(Response response) = 0;
    /// True when the peer hung up (looked up on the epoll thread).
    virtual bool is_aborted() const = 0;
};

/// text/event-stream listeners, parked on the epoll thread: 10,000 of them cost no worker.
class EventChannel {
public:
    virtual ~EventChannel() = default;
    /// Queues one event to every listener; a listener that does not read is cut off, never waited for.
    virtual void publish(std::string_view event, std::string_view data) = 0;
    virtual std::size_t listeners() const = 0;
};

using Handler = std::function<Response(Request const&)>;                                 // runs on a worker
using ParkingHandler = std::function<void(Request const&, std::shared_ptr<Responder>)>;  // runs on a worker, may keep the responder

/// The route table of a daemon: "GET /api/products/{id}". {name} takes one path segment, decoded; a literal may stand
/// around it in a segment ("{y}.mvt"). The first match in order wins; a literal path goes before a pattern.
/// HEAD is answered from GET. Unknown path 404; known path, other method 405 with Allow.
class Router {
public:
    void get(std::string pattern, Handler handler) { add("GET", std::move(pattern), std::move(handler)); }
    void post(std::string pattern, Handler handler) { add("POST", std::move(pattern), std::move(handler)); }
    /// A literal path answered on the thread that reads, past the queue: for /healthz and /metrics, which must be there while
    /// every worker waits for the database. The handler must not block nor stream.
    void get_now(std::string path, Handler handler);
    void add(std::string method, std::string pattern, Handler handler);
    void add_parking(std::string method, std::string pattern, ParkingHandler handler);
    void add_events(std::string pattern, std::shared_ptr<EventChannel> channel);
    /// "GET /api/products/{id}" for each route in order: what the OpenAPI test compares.
    std::vector<std::string> patterns() const;

    struct Route;
    /// The matching route and the decoded path values. \throws Error not_found or method_not_allowed.
    Route const& match(Request& request) const;
    /// True for a path of get_now().
    bool answers_now(std::string_view path) const;

private:
    std::vector<std::shared_ptr<Route const>> routes_;
};

}  // namespace http
