#include "http/events.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace http {
namespace {

constexpr std::size_t kMaxPending = 256 * 1024;
constexpr std::int64_t kHeartbeatMs = 15'000;

/// One event as WHATWG HTML §9.2 frames it; a line of data a line.
std::string make_frame(std::string_view event, std::string_view data) {
    std::string frame;
    if (!event.empty()) {
        frame += "event: ";
        for (char const c : event) {
            if (c != '\r' && c != '\n') frame += c;
        }
        frame += '\n';
    }
    while (true) {
        auto const end = std::min(data.find('\n'), data.size());
        auto line = data.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        frame.append("data: ").append(line).append("\n");
        if (end == data.size()) break;
        data.remove_prefix(end + 1);
    }
    return frame + '\n';
}

}  // namespace

void ParkedListeners::publish(std::string_view event, std::string_view data) {
    std::shared_ptr<Core> core;
    {
        std::lock_guard const lock{mutex_};
        core = core_.lock();
    }
    if (!core) return;
    auto frame = std::make_shared<std::string const>(make_frame(event, data));
    core->outbox.post([self = shared_from_this(), raw = core.get(), frame] { self->send_to_all(*raw, frame); });
}

void ParkedListeners::add(std::shared_ptr<Core> const& core, std::shared_ptr<Exchange> const& exchange) {
    auto const most = std::min(max_listeners_, core->max_listeners());
    if (count_.fetch_add(1) >= most) {
        --count_;
        throw gis_core::Error{gis_core::ErrorKind::overloaded, fmt::format("{} listeners are here already, as many as there is room for", most)};
    }
    bool is_new = false;
    {
        std::lock_guard const lock{mutex_};
        is_new = core_.lock() != core;
        core_ = core;
    }
    auto response = Response::text(200, "text/event-stream; charset=utf-8", "");
    auto head = std::make_shared<std::string const>(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-store\r\n"
        "X-Accel-Buffering: no\r\nConnection: close\r\nX-Request-Id: " +
        exchange->request().id + "\r\n\r\n: listening\n\n");
    bool const is_head_request = exchange->request().method == "HEAD";
    if (is_head_request) {
        --count_;
        response.headers.add("Cache-Control", "no-store");
        exchange->answer(std::move(response));
        return;
    }
    auto connection = exchange->become_listener();
    core->outbox.post([self = shared_from_this(), raw = core.get(), connection, head, is_new] {
        if (is_new) {
            self->listeners_.clear();
            raw->outbox.every_tick([self, raw] { self->tick(*raw); });
        }
        raw->outbox.append(connection, {head, 0}, kMaxPending);
        self->listeners_.push_back(connection);
    });
}

void ParkedListeners::send_to_all(Core& core, std::shared_ptr<std::string const> const& bytes) {
    for (auto const& listener : listeners_) {
        if (!listener->peer_gone) core.outbox.append(listener, {bytes, 0}, kMaxPending);
    }
}

void ParkedListeners::tick(Core& core) {
    auto const gone = std::erase_if(listeners_, [](auto const& listener) { return listener->peer_gone.load(); });
    count_ -= gone;
    auto const now = now_ms();
    if (now < next_heartbeat_) return;
    next_heartbeat_ = now + kHeartbeatMs;
    static auto const heartbeat = std::make_shared<std::string const>(":\n\n");
    send_to_all(core, heartbeat);
}

std::shared_ptr<EventChannel> make_event_channel(std::size_t max_listeners) { return std::make_shared<ParkedListeners>(max_listeners); }

}  // namespace http
