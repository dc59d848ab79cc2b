// Pistache 0.0.5 listens, accepts and reads here, and does nothing else: see docs/adr/0001.
#include "http/server.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "http/exchange.hpp"
#include "http/problem.hpp"

#include <fmt/format.h>

#include <pistache/endpoint.h>
#include <pistache/http.h>
#include <pistache/peer.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace http {
namespace {

constexpr char const* kConnectionData = "ocopmap";
constexpr std::size_t kMostDroppedBytes = 1024 * 1024;  // of one connection while it is busy or lingering
constexpr int kBacklog = 4096;
constexpr std::size_t kFewConnections = 10'000;
constexpr std::int64_t kSayFullEvery_ms = 10'000;

/// How many connections may take; the rest is for the database, files and libraries. The soft limit is raised to the hard one.
std::size_t most_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 800;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 1'048'576);
        ::setrlimit(RLIMIT_NOFILE, &limit);
        ::getrlimit(RLIMIT_NOFILE, &limit);
    }
    auto const descriptors = static_cast<std::size_t>(limit.rlim_cur);
    auto const most = descriptors > 1'024 ? descriptors - 512 : descriptors / 2;
    if (most / 2 < kFewConnections) {
        gis_core::log::warn(
            "http: the limit of {} descriptors allows {} connections at once; beyond that newcomers get 503 (raise the hard limit: ulimit -n, LimitNOFILE)",
            descriptors, most / 2);
    }
    return most;
}

/// Our Tcp side of Pistache: takes the raw bytes of a connection, so that its parser, its writer and its timeouts never act.
class Guard : public Pistache::Http::Handler {
public:
    HTTP_PROTOTYPE(Guard)

    explicit Guard(std::shared_ptr<Core> core) : core_{std::move(core)} {}

    /// Never called: it is Pistache's parser that would.
    void onRequest(Pistache::Http::Request const&, Pistache::Http::ResponseWriter) override {}

    void onConnection(std::shared_ptr<Pistache::Tcp::Peer> const& peer) override;
    void onInput(char const* buffer, std::size_t length, std::shared_ptr<Pistache::Tcp::Peer> const& peer) override;
    void onDisconnection(std::shared_ptr<Pistache::Tcp::Peer> const& peer) override;

private:
    void read(std::shared_ptr<Connection> const& connection, std::string_view bytes);
    void say_full();
    static void refuse_without_descriptor(Pistache::Tcp::Peer& peer);

    std::shared_ptr<Core> core_;
};

RequestParser::Limits limits_of(ServerConfig const& config) {
    return {config.max_head_bytes, config.max_target_bytes, config.max_body_bytes, config.max_body_bytes_of};
}

Response overloaded(std::string_view detail, std::string_view instance) { return problem(503, "overloaded", "Overloaded", detail, instance); }

/// Only before and in onDisconnection of the peer.
std::shared_ptr<Connection> connection_of(Pistache::Tcp::Peer const& peer) {
    auto* const connection = static_cast<Connection*>(peer.tryGetData(kConnectionData).get());
    return connection == nullptr ? nullptr : connection->shared_from_this();
}

void Guard::onConnection(std::shared_ptr<Pistache::Tcp::Peer> const& peer) {
    try {
        // Pistache's timer looks at a parser of each peer; idle with an endless keep-alive, it never acts on it.
        static auto const unused_parser = std::make_shared<Pistache::Http::RequestParser>(0);
        peer->setIdle(true);
        peer->putData(Pistache::Http::Handler::ParserData, unused_parser);

        auto const fd = ::fcntl(peer->fd(), F_DUPFD_CLOEXEC, 3);
        auto connection = std::make_shared<Connection>(fd, peer->fd(), limits_of(core_->config));
        connection->deadline = now_ms() + core_->config.head_deadline.count();
        // The table owns the connection until onDisconnection; Pistache gets a pointer that counts nothing.
        peer->putData(kConnectionData, std::shared_ptr<void>{std::shared_ptr<void>{}, connection.get()});
        ++core_->counters.accepted;
        bool const is_full = core_->is_full();
        core_->connections.add(connection);
        if (fd >= 0 && (is_full || !core_->accepting)) {
            if (is_full) say_full();
            std::lock_guard const lock{connection->mutex};
            refuse_and_close(*core_, connection, overloaded(is_full ? "too many connections" : "the server is going down", next_request_id()));
        }
    } catch (...) {
        ::shutdown(peer->fd(), SHUT_RDWR);
    }
}

void Guard::onDisconnection(std::shared_ptr<Pistache::Tcp::Peer> const& peer) {
    try {
        auto const connection = connection_of(*peer);
        if (!connection) return;
        connection->peer_gone = true;
        if (connection->release()) --core_->listeners;
        core_->connections.remove(connection);
    } catch (...) {
        gis_core::log::error("http: a connection could not be forgotten");
    }
}

void Guard::say_full() {
    auto const now = now_ms();
    auto next = core_->next_full_warning.load();
    if (now < next || !core_->next_full_warning.compare_exchange_strong(next, now + kSayFullEvery_ms)) return;
    gis_core::log::warn("http: {} connections are open, as many as the descriptor limit allows; newcomers get 503", core_->connections.size());
}

void Guard::refuse_without_descriptor(Pistache::Tcp::Peer& peer) {
    static constexpr std::string_view kAnswer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";
    [[maybe_unused]] auto const sent = ::send(peer.fd(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(peer.fd(), SHUT_RDWR);
}

void Guard::onInput(char const* buffer, std::size_t length, std::shared_ptr<Pistache::Tcp::Peer> const& peer) {
    try {
        auto const connection = connection_of(*peer);
        if (!connection) {
            ::shutdown(peer->fd(), SHUT_RDWR);
            return;
        }
        if (connection->fd() < 0) {
            auto const fd = ::fcntl(peer->fd(), F_DUPFD_CLOEXEC, 3);
            if (fd < 0) {
                refuse_without_descriptor(*peer);
                return;
            }
            connection->adopt(fd);
        }
        read(connection, {buffer, length});
    } catch (...) {
        ::shutdown(peer->fd(), SHUT_RDWR);
    }
}

void Guard::read(std::shared_ptr<Connection> const& connection, std::string_view bytes) {
    std::unique_lock lock{connection->mutex};
    if (connection->state != Connection::State::reading) {
        connection->close_after = true;
        connection->dropped_bytes += bytes.size();
        if (connection->dropped_bytes > kMostDroppedBytes && connection->state == Connection::State::busy) connection->cut();
        return;
    }

    auto& parser = connection->parser;
    bool const had_started = parser.has_started();
    bool const was_in_body = parser.is_in_body();
    auto const progress = parser.feed(bytes);
    if (progress == RequestParser::Progress::incomplete) {
        if (!was_in_body && parser.is_in_body()) {
            connection->deadline = now_ms() + core_->config.body_deadline.count();
            if (parser.take_continue()) {
                std::vector<Chunk> go_on{{std::make_shared<std::string const>("HTTP/1.1 100 Continue\r\n\r\n"), 0}};
                send_some(connection->fd(), go_on);
            }
        } else if (!had_started && parser.has_started()) {
            connection->deadline = now_ms() + core_->config.head_deadline.count();
        }
        return;
    }
    connection->deadline = 0;
    if (progress == RequestParser::Progress::refused) {
        ++core_->counters.refused;
        auto const& why = parser.refusal();
        refuse_and_close(*core_, connection, problem(why.status, why.slug, why.title, why.detail, next_request_id()));
        return;
    }

    if (parser.surplus() > 0) connection->close_after = true;
    connection->state = Connection::State::busy;
    auto request = parser.take();
    request.id = next_request_id();
    auto const exchange = std::make_shared<Exchange>(core_, connection, std::move(request), parser.is_http10(), parser.keep_alive());
    lock.unlock();

    if (!core_->accepting) {
        exchange->answer(overloaded("the server is going down", exchange->request().id));
    } else if (core_->router.answers_now(exchange->request().path)) {
        exchange->run();
    } else if (!core_->pool.try_push([exchange] { exchange->run(); })) {
        ++core_->counters.overloaded;
        exchange->answer(overloaded("too many requests are waiting; try again in a moment", exchange->request().id));
    }
}

/// Acts on deadlines: a request that does not come to its end gets 408, a silent connection is closed.
void sweep(Core& core) {
    auto const now = now_ms();
    for (auto const& connection : core.connections.expired(now)) {
        std::lock_guard const lock{connection->mutex};
        auto const deadline = connection->deadline.load();
        if (deadline == 0 || deadline > now) continue;
        connection->deadline = 0;
        if (connection->state == Connection::State::reading && connection->parser.has_started()) {
            ++core.counters.timed_out;
            refuse_and_close(core, connection,
                             problem(408, "request-timeout", "Request timeout", "the request did not come to its end in time", next_request_id()));
        } else if (connection->state != Connection::State::busy) {
            connection->state = Connection::State::closed;
            connection->cut();
        }
    }
}

/// Pistache ignores the backlog it is given (128): a burst of connections would wait a second for a SYN sent again.
void widen_backlog(std::uint16_t port) {
    for (int fd = 3; fd < 1'024; ++fd) {
        int listening = 0;
        socklen_t size = sizeof listening;
        if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) continue;
        sockaddr_in address{};
        size = sizeof address;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
        if (address.sin_family == AF_INET && ntohs(address.sin_port) == port) ::listen(fd, kBacklog);
    }
}

/// Connects to ourselves: Pistache's threads start in the background, and stopping them before that races.
void wait_until_accepted(Core const& core, ServerConfig const& config, std::uint16_t port) {
    auto const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, config.address.c_str(), &address.sin_addr);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        auto const deadline = now_ms() + 5'000;
        while (core.counters.accepted == 0 && now_ms() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    ::close(fd);
}

}  // namespace

class Server::Impl {
public:
    Impl(ServerConfig config, Router router) : core_{std::make_shared<Core>(std::move(config), std::move(router))} {}
    ~Impl() { stop(); }
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;

    void start();
    void stop();
    std::uint16_t port() const { return port_; }
    Core const& core() const { return *core_; }

private:
    std::shared_ptr<Core> core_;
    std::unique_ptr<Pistache::Http::Endpoint> endpoint_;
    std::uint16_t port_ = 0;
};

void Server::Impl::start() {
    auto const& config = core_->config;
    ::signal(SIGPIPE, SIG_IGN);
    try {
        endpoint_ = std::make_unique<Pistache::Http::Endpoint>(Pistache::Address{config.address, Pistache::Port{config.port}});
        auto flags = Pistache::Flags<Pistache::Tcp::Options>{Pistache::Tcp::Options::ReuseAddr};
        flags.setFlag(Pistache::Tcp::Options::NoDelay).setFlag(Pistache::Tcp::Options::CloseOnExec);
        endpoint_->init(Pistache::Http::Endpoint::options()
                            .threads(config.io_threads)
                            .threadsName("http-io")
                            .flags(flags)
                            .keepaliveTimeout(std::chrono::hours{24 * 365 * 100}));
        core_->max_descriptors = most_descriptors();
        endpoint_->setHandler(std::make_shared<Guard>(core_));
        core_->accepting = true;
        core_->outbox.every_tick([core = core_.get()] { sweep(*core); });
        core_->outbox.start();
        core_->pool.start();
        endpoint_->serveThreaded();
    } catch (std::exception const& error) {
        core_->accepting = false;
        core_->pool.stop();
        core_->outbox.stop();
        endpoint_.reset();
        throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("cannot listen on {}:{}: {}", config.address, config.port, error.what())};
    }
    port_ = static_cast<std::uint16_t>(endpoint_->getPort());
    widen_backlog(port_);
    wait_until_accepted(*core_, config, port_);
}

void Server::Impl::stop() {
    if (!endpoint_) return;
    core_->accepting = false;
    for (auto const& connection : core_->connections.all()) {
        std::lock_guard const lock{connection->mutex};
        bool const is_idle = connection->state == Connection::State::reading && !connection->parser.has_started();
        if (is_idle || connection->listens) connection->cut();
    }
    auto const pause = std::chrono::milliseconds{5};
    auto const drained_by = now_ms() + core_->config.drain_deadline.count();
    while (core_->counters.in_flight > 0 && now_ms() < drained_by) std::this_thread::sleep_for(pause);
    if (auto const left = core_->counters.in_flight.load(); left > 0) {
        gis_core::log::warn("http: {} requests were not answered within the drain deadline", left);
    }
    core_->pool.stop();
    for (auto const& connection : core_->connections.all()) {
        std::lock_guard const lock{connection->mutex};
        connection->cut();
    }
    auto const gone_by = now_ms() + 1'000;
    while (core_->connections.size() > 0 && now_ms() < gone_by) std::this_thread::sleep_for(pause);
    for (auto const& connection : core_->connections.all()) connection->release();
    endpoint_->shutdown();
    endpoint_.reset();
    core_->outbox.stop();
}

Server::Server(ServerConfig config, Router router) : impl_{std::make_unique<Impl>(std::move(config), std::move(router))} {}
Server::~Server() = default;
void Server::start() { impl_->start(); }
void Server::stop() { impl_->stop(); }
std::uint16_t Server::port() const { return impl_->port(); }
bool Server::accepting() const { return impl_->core().accepting; }

std::string Server::metrics() const {
    auto const& core = impl_->core();
    auto const& counters = core.counters;
    std::string text;
    auto const add = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
        text += fmt::format("# HELP ocopmap_http_{0} {2}\n# TYPE ocopmap_http_{0} {1}\nocopmap_http_{0} {3}\n", name, type, help, value);
    };
    text += "# HELP ocopmap_http_responses_total Answers sent, by class of status.\n# TYPE ocopmap_http_responses_total counter\n";
    for (std::size_t i = 2; i < counters.responses.size(); ++i) {
        text += fmt::format("ocopmap_http_responses_total{{status=\"{}xx\"}} {}\n", i, counters.responses[i].load());
    }
    add("connections_accepted_total", "counter", "Connections accepted.", counters.accepted.load());
    add("refused_total", "counter", "Requests the guard refused before a handler.", counters.refused.load());
    add("overloaded_total", "counter", "Requests answered 503 because the queue was full.", counters.overloaded.load());
    add("timed_out_total", "counter", "Requests whose head or body did not come in time.", counters.timed_out.load());
    add("unsent_total", "counter", "Answers whose client was gone or too slow.", counters.unsent.load());
    add("sent_bytes_total", "counter", "Bytes handed to the sockets.", counters.bytes_sent.load());
    add("connections", "gauge", "Open connections.", core.connections.size());
    add("in_flight", "gauge", "Requests being answered.", counters.in_flight.load());
    add("queued", "gauge", "Requests waiting for a worker.", core.pool.queued());
    return text;
}

void block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_signal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    int received = 0;
    while (::sigwait(&signals, &received) != 0) {}
}

}  // namespace http
