#pragma once

#include "http/exchange.hpp"
#include "http/router.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace http {

/// The one implementation of EventChannel: a list of connections that only the epoll thread touches.
class ParkedListeners : public EventChannel, public std::enable_shared_from_this<ParkedListeners> {
public:
    explicit ParkedListeners(std::size_t max_listeners) : max_listeners_{max_listeners} {}

    void publish(std::string_view event, std::string_view data) override;
    std::size_t listeners() const override { return count_; }
    /// \throws Error(overloaded) when max_listeners, or as many as the descriptor limit allows, are there.
    void add(std::shared_ptr<Core> const& core, std::shared_ptr<Exchange> const& exchange);

private:
    void send_to_all(Core& core, std::shared_ptr<std::string const> const& bytes);
    void tick(Core& core);

    std::size_t max_listeners_;
    std::atomic<std::size_t> count_{0};
    std::mutex mutex_;
    std::weak_ptr<Core> core_;                            // under mutex_
    std::vector<std::shared_ptr<Connection>> listeners_;  // epoll thread
    std::int64_t next_heartbeat_ = 0;                     // epoll thread
};

}  // namespace http
