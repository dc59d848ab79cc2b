#pragma once

#include "http/connection.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace http {

/// One epoll thread that writes what a socket did not take at once, so that a reader who stalls holds no worker, and
/// that serves the event listeners. Also runs the tick (every 100 ms): deadlines, heartbeats.
class Outbox {
public:
    /// Called once, with the connection's mutex held: was everything sent?
    using Done = std::function<void(bool sent)>;

    explicit Outbox(std::chrono::milliseconds write_deadline) : write_deadline_{write_deadline} {}
    ~Outbox();
    Outbox(Outbox const&) = delete;
    Outbox& operator=(Outbox const&) = delete;

    void start();
    /// Ends the thread; deliveries under way are reported as not sent.
    void stop();

    /// From any thread: runs the task on the epoll thread. Dropped after stop().
    void post(std::function<void()> task);
    /// From any thread: sends the rest of an answer.
    void deliver(std::shared_ptr<Connection> connection, std::vector<Chunk> chunks, Done done);

    /// Only on the epoll thread. Appends to what is pending; false (and the connection is cut) when more than max_pending
    /// bytes wait already.
    bool append(std::shared_ptr<Connection> const& connection, Chunk chunk, std::size_t max_pending);
    /// Only on the epoll thread, or before start().
    void every_tick(std::function<void()> task) { tick_tasks_.push_back(std::move(task)); }

private:
    struct Delivery {
        std::shared_ptr<Connection> connection;
        std::vector<Chunk> chunks;
        std::int64_t deadline = 0;
        Done done;
    };

    void run();
    void run_tasks();
    void tick();
    void begin(Delivery delivery);
    /// True when the delivery has ended, well or not.
    bool flush(Delivery& delivery);
    void end(Connection* connection);

    std::chrono::milliseconds write_deadline_;
    int epoll_ = -1;
    int wake_ = -1;
    std::thread thread_;
    std::mutex mutex_;
    bool stopping_ = false;                     // under mutex_
    std::vector<std::function<void()>> tasks_;  // under mutex_
    std::vector<std::function<void()>> tick_tasks_;
    std::unordered_map<Connection*, Delivery> deliveries_;
};

}  // namespace http
