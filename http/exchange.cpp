#include "http/exchange.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "http/events.hpp"
#include "http/problem.hpp"
#include "http/route.hpp"
#include "http/text.hpp"

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>
#include <ctime>
#include <random>

namespace http {
namespace {

constexpr std::int64_t kLingerMs = 2'000;
constexpr std::size_t kStreamBuffer = 16 * 1024;
constexpr std::int64_t kPatienceMs = 2'000;  // with a slow reader of a stream, while others wait for a worker
constexpr std::int64_t kSlowBytesPerMs = 50;

std::string_view reason_of(int status) {
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
    }
}

/// RFC 9110 §5.6.7, made once a second a thread.
std::string const& http_date() {
    thread_local std::time_t made_for = 0;
    thread_local std::string text;
    auto const now = std::time(nullptr);
    if (now != made_for) {
        static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::tm utc{};
        ::gmtime_r(&now, &utc);
        text = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                           kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
        made_for = now;
    }
    return text;
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

bool is_safe_field(std::string_view name, std::string_view value) {
    return is_token(name) && value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

bool is_ours(std::string_view name) {
    return equals_ignoring_case(name, "Content-Length") || equals_ignoring_case(name, "Transfer-Encoding") || equals_ignoring_case(name, "Connection") ||
           equals_ignoring_case(name, "Date");
}

std::string make_head(Response const& response, std::string_view request_id, std::string_view framing, bool keep_alive) {
    auto head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_of(response.status), http_date());
    for (auto const& [name, value] : response.headers) {
        if (is_ours(name)) continue;
        head.append(name).append(": ").append(value).append("\r\n");
    }
    head.append(framing);
    if (!keep_alive) head.append("Connection: close\r\n");
    if (!request_id.empty()) head.append("X-Request-Id: ").append(request_id).append("\r\n");
    head.append("\r\n");
    return head;
}

Response internal_problem(Request const& request) {
    return to_problem(gis_core::Error{gis_core::ErrorKind::internal, "something went wrong on our side; the log knows it under this instance"}, request);
}

void linger(Connection& connection) {
    connection.state = Connection::State::lingering;
    connection.deadline = now_ms() + kLingerMs;
    connection.shut_write();
}

/// Answers a parked request; the last reference dropped without an answer says 500.
class ParkedResponder : public Responder {
public:
    explicit ParkedResponder(std::shared_ptr<Exchange> exchange) : exchange_{std::move(exchange)} {}
    ~ParkedResponder() override {
        if (!sent_.exchange(true)) exchange_->answer(internal_problem(exchange_->request()));
    }
    ParkedResponder(ParkedResponder const&) = delete;
    ParkedResponder& operator=(ParkedResponder const&) = delete;

    void send(Response response) override {
        if (sent_.exchange(true)) return;
        if (!std::holds_alternative<BodyStream>(response.body)) {
            exchange_->answer(std::move(response));
            return;
        }
        auto held = std::make_shared<Response>(std::move(response));
        exchange_->core().pool.push_beyond_capacity([exchange = exchange_, held] { exchange->answer(std::move(*held)); });
    }
    bool is_aborted() const override { return exchange_->connection().peer_gone; }

private:
    std::shared_ptr<Exchange> exchange_;
    std::atomic<bool> sent_{false};
};

}  // namespace

Core::Core(ServerConfig server_config, Router server_router)
    : config{std::move(server_config)}, router{std::move(server_router)}, outbox{config.write_deadline}, pool{config.workers, config.queue_capacity} {}

std::string next_request_id() {
    static auto const start = [] {
        std::random_device random;
        return (std::uint64_t{random()} << 32U) | random();
    }();
    static std::atomic<std::uint64_t> counter{0};
    return fmt::format("{:016x}", start + counter.fetch_add(1, std::memory_order_relaxed));
}

/// The body of a streamed answer: chunked, in buffers of 16 KB, the head with the first of them. Blocks until the peer
/// took it; a slow one loses its worker when others wait for one.
class StreamSink : public BodySink {
public:
    StreamSink(Exchange& exchange, Response const& response) : exchange_{exchange}, chunked_{!exchange.http10_} {
        keep_alive_ = chunked_ && exchange.will_keep_alive();
        head_ = make_head(response, exchange.request_.id, chunked_ ? "Transfer-Encoding: chunked\r\n" : "", keep_alive_);
    }
    void write(std::string_view bytes) override {
        buffer_.append(bytes);
        if (buffer_.size() >= kStreamBuffer) flush(false);
    }
    bool is_aborted() const override { return exchange_.connection_->peer_gone; }

    bool head_is_sent() const { return head_.empty(); }
    bool keeps_alive() const { return keep_alive_; }

    /// Sends what is buffered. The last piece goes out under the connection's mutex, so that a request which follows it
    /// at once finds the connection free.
    void flush(bool last) {
        std::string bytes = std::move(head_);
        head_.clear();
        if (chunked_ && !buffer_.empty()) fmt::format_to(std::back_inserter(bytes), "{:x}\r\n", buffer_.size());
        bytes += buffer_;
        if (chunked_ && !buffer_.empty()) bytes += "\r\n";
        if (chunked_ && last) bytes += "0\r\n\r\n";
        buffer_.clear();
        exchange_.core_->counters.bytes_sent += bytes.size();
        sent_ += static_cast<std::int64_t>(bytes.size());
        std::vector<Chunk> chunks;
        if (!bytes.empty()) chunks.push_back({std::make_shared<std::string const>(std::move(bytes)), 0});
        send(chunks, last);
    }

private:
    void send(std::vector<Chunk>& chunks, bool last) {
        auto& connection = *exchange_.connection_;
        auto deadline = now_ms() + exchange_.core_->config.write_deadline.count();
        while (true) {
            auto const before = chunks.empty() ? 0 : chunks.front().offset;
            auto result = SendResult::done;
            {
                std::lock_guard const lock{connection.mutex};
                result = send_some(connection.fd(), chunks);
                if (result == SendResult::done && last) exchange_.finish(true);
            }
            if (result == SendResult::done) return;
            if (result == SendResult::failed) throw Aborted{};
            if (chunks.front().offset != before) deadline = now_ms() + exchange_.core_->config.write_deadline.count();
            auto const left = deadline - now_ms();
            if (left <= 0) throw Aborted{};
            auto const before_wait = now_ms();
            pollfd waiting{connection.fd(), POLLOUT, 0};
            ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 200)));
            if (waited_ms_ == 0) sent_ = 0;  // what the socket's buffer took says nothing about the reader
            waited_ms_ += std::max<std::int64_t>(1, now_ms() - before_wait);
            bool const is_slow = waited_ms_ > kPatienceMs && sent_ / waited_ms_ < kSlowBytesPerMs;
            if (is_slow && exchange_.core_->pool.queued() > 0) throw Aborted{};
        }
    }

    Exchange& exchange_;
    bool chunked_;
    bool keep_alive_ = false;
    std::string head_;
    std::string buffer_;
    std::int64_t sent_ = 0;       // since the peer was waited for the first time
    std::int64_t waited_ms_ = 0;  // for the peer to take more
};

Exchange::Exchange(std::shared_ptr<Core> core, std::shared_ptr<Connection> connection, Request request, bool http10, bool keep_alive)
    : core_{std::move(core)}, connection_{std::move(connection)}, request_{std::move(request)}, http10_{http10}, keep_alive_{keep_alive}, started_{now_ms()} {
    ++core_->counters.in_flight;
}

Exchange::~Exchange() {
    if (!ended_) finish_unlocked(false);
}

void Exchange::run() noexcept {
    try {
        dispatch();
    } catch (gis_core::Error const& error) {
        if (error.kind() == gis_core::ErrorKind::internal) {
            gis_core::log::error("http request={} {} {}: {}", request_.id, request_.method, request_.path, error.what());
        }
        answer(to_problem(error, request_));
    } catch (Aborted const&) {
        finish_unlocked(false);
    } catch (std::exception const& error) {
        gis_core::log::error("http request={} {} {}: {}", request_.id, request_.method, request_.path, error.what());
        answer(internal_problem(request_));
    } catch (...) {
        gis_core::log::error("http request={} {} {}: an exception that is no std::exception", request_.id, request_.method, request_.path);
        answer(internal_problem(request_));
    }
}

void Exchange::dispatch() {
    request_.query = Query::parse(request_.raw_query);
    auto const& route = core_->router.match(request_);
    if (auto const* handler = std::get_if<Handler>(&route.action)) {
        answer((*handler)(request_));
    } else if (auto const* parking = std::get_if<ParkingHandler>(&route.action)) {
        auto responder = std::make_shared<ParkedResponder>(shared_from_this());
        try {
            (*parking)(request_, responder);
        } catch (gis_core::Error const& error) {
            responder->send(to_problem(error, request_));
        }
    } else {
        auto const channel = std::dynamic_pointer_cast<ParkedListeners>(std::get<std::shared_ptr<EventChannel>>(route.action));
        if (!channel) throw std::logic_error{"add_events wants a channel of make_event_channel()"};
        channel->add(core_, shared_from_this());
    }
}

bool Exchange::will_keep_alive() const { return keep_alive_ && !connection_->close_after && core_->accepting; }

void Exchange::answer(Response response) noexcept {
    try {
        for (auto const& [name, value] : response.headers) {
            if (is_safe_field(name, value)) continue;
            gis_core::log::error("http request={} {} {}: the handler made a header that is none", request_.id, request_.method, request_.path);
            response = internal_problem(request_);
            break;
        }
        status_ = response.status;
        if (has_no_body(response.status)) {
            send_whole(response, nullptr);
        } else if (auto* text = std::get_if<std::string>(&response.body)) {
            send_whole(response, std::make_shared<std::string const>(std::move(*text)));
        } else if (auto* shared = std::get_if<std::shared_ptr<std::string const>>(&response.body)) {
            send_whole(response, *shared ? *shared : std::make_shared<std::string const>());
        } else {
            send_stream(response);
        }
    } catch (...) {
        finish_unlocked(false);
    }
}

void Exchange::send_whole(Response const& response, std::shared_ptr<std::string const> body) {
    auto const framing = body ? fmt::format("Content-Length: {}\r\n", body->size()) : std::string{};
    auto head = make_head(response, request_.id, framing, will_keep_alive());
    std::vector<Chunk> chunks;
    core_->counters.bytes_sent += head.size();
    chunks.push_back({std::make_shared<std::string const>(std::move(head)), 0});
    if (body && !body->empty() && request_.method != "HEAD") {
        core_->counters.bytes_sent += body->size();
        chunks.push_back({std::move(body), 0});
    }
    {
        std::lock_guard const lock{connection_->mutex};
        auto const result = send_some(connection_->fd(), chunks);
        if (result != SendResult::would_block) {
            finish(result == SendResult::done);
            return;
        }
    }
    core_->outbox.deliver(connection_, std::move(chunks), [self = shared_from_this()](bool sent) { self->finish(sent); });
}

void Exchange::send_stream(Response& response) {
    if (request_.method == "HEAD") {
        send_whole(response, nullptr);
        return;
    }
    StreamSink sink{*this, response};
    try {
        std::get<BodyStream>(response.body)(sink);
    } catch (Aborted const&) {
        finish_unlocked(false);
        return;
    } catch (std::exception const& error) {
        auto const* ours = dynamic_cast<gis_core::Error const*>(&error);
        if (ours == nullptr || sink.head_is_sent()) {
            gis_core::log::error("http request={} {} {}: while streaming: {}", request_.id, request_.method, request_.path, error.what());
        }
        if (sink.head_is_sent()) {
            finish_unlocked(false);  // the missing last chunk tells the client that the answer is not whole
        } else {
            answer(ours != nullptr ? to_problem(*ours, request_) : internal_problem(request_));
        }
        return;
    }
    if (!sink.keeps_alive()) connection_->close_after = true;
    try {
        sink.flush(true);
    } catch (Aborted const&) {
        finish_unlocked(false);
    }
}

std::shared_ptr<Connection> Exchange::become_listener() {
    ended_ = true;
    --core_->counters.in_flight;
    ++core_->counters.responses[2];
    if (connection_->become_listener()) ++core_->listeners;
    return connection_;
}

void Exchange::finish_unlocked(bool sent) {
    std::lock_guard const lock{connection_->mutex};
    finish(sent);
}

void Exchange::finish(bool sent) {
    if (ended_.exchange(true)) return;
    auto& connection = *connection_;
    if (!sent) {
        connection.state = Connection::State::closed;
        connection.cut();
        ++core_->counters.unsent;
    } else if (will_keep_alive() && !connection.peer_gone) {
        connection.parser.reset();
        connection.state = Connection::State::reading;
        connection.deadline = now_ms() + core_->config.idle_deadline.count();
    } else {
        linger(connection);
    }
    if (sent && status_ >= 100 && status_ < 600) ++core_->counters.responses[static_cast<std::size_t>(status_ / 100)];
    --core_->counters.in_flight;
    if (core_->config.log_requests) {
        std::string asked;  // names alone: values are what somebody searched for, or where they stood
        for (auto const& [name, value] : request_.query) asked += (asked.empty() ? "" : ",") + name;
        gis_core::log::info("http method={} path={} query={} status={} ms={} sent={} request={}", request_.method, request_.path.substr(0, 500),
                            asked.substr(0, 200), status_, now_ms() - started_, sent, request_.id);
    }
}

void refuse_and_close(Core& core, std::shared_ptr<Connection> const& connection, Response response) {
    auto body = std::make_shared<std::string const>(std::get<std::string>(std::move(response.body)));
    auto head = make_head(response, "", fmt::format("Content-Length: {}\r\n", body->size()), false);
    ++core.counters.responses[static_cast<std::size_t>(response.status / 100)];
    connection->close_after = true;
    std::vector<Chunk> chunks{{std::make_shared<std::string const>(std::move(head)), 0}, {std::move(body), 0}};
    auto const result = send_some(connection->fd(), chunks);
    if (result == SendResult::done) {
        linger(*connection);
    } else if (result == SendResult::failed) {
        connection->state = Connection::State::closed;
        connection->cut();
    } else {
        connection->state = Connection::State::busy;
        connection->deadline = 0;
        core.outbox.deliver(connection, std::move(chunks), [connection](bool sent) {
            if (sent) linger(*connection);
        });
    }
}

}  // namespace http
