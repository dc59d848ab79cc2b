#pragma once

#include "http/parser.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace http {

/// Milliseconds of the steady clock: deadlines are plain numbers that one thread may read while another writes.
std::int64_t now_ms();

/// A client. It owns a duplicate of Pistache's descriptor, closed only when nobody holds the connection any more, so a
/// late answer can never reach whoever got the number next. Nothing of ours closes or reads Pistache's descriptor. An event
/// listener, one of thousands, gives its duplicate back and writes to Pistache's, under the mutex and until that is closed.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    enum class State {
        reading,    // waiting for a request, or in the middle of one
        busy,       // one request is being answered; bytes that come now are dropped and end the connection after it
        lingering,  // all is sent, our side is shut; what still comes is dropped until the peer closes or the deadline
        closed
    };

    Connection(int fd, int of_pistache, RequestParser::Limits limits);
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    int fd() const { return fd_.load(std::memory_order_relaxed); }
    void adopt(int fd) { fd_.store(fd); }
    /// False when the peer has gone already.
    bool become_listener();
    /// Pistache is about to close its descriptor. True for a listener that had it.
    bool release();
    /// Ends both directions now; Pistache then sees the end of its descriptor and closes it. \pre the mutex is held, unless nobody else has the connection
    void cut();
    /// Ends our direction: the peer gets the answer, then the end.
    void shut_write();

    std::mutex mutex;  // guards the next three, and is held over the sendmsg that completes an answer
    State state = State::reading;
    RequestParser parser;
    std::size_t dropped_bytes = 0;

    std::atomic<bool> peer_gone{false};     // Pistache saw the end of the stream or a reset
    std::atomic<bool> close_after{false};   // no further request on this connection
    std::atomic<bool> listens{false};       // an event listener
    std::atomic<std::int64_t> deadline{0};  // now_ms() at which the sweeper acts; 0: never

private:
    std::atomic<int> fd_;
    int of_pistache_;
    bool is_shared_ = false;  // fd_ is Pistache's
};

/// Bytes to send, shared where many clients get the same.
struct Chunk {
    std::shared_ptr<std::string const> bytes;
    std::size_t offset = 0;
};

enum class SendResult { done, would_block, failed };
/// sendmsg without blocking and without SIGPIPE; takes what was sent off the front of chunks.
SendResult send_some(int fd, std::vector<Chunk>& chunks);

/// Every open connection, for the sweeper and the drain.
class ConnectionTable {
public:
    void add(std::shared_ptr<Connection> connection);
    void remove(std::shared_ptr<Connection> const& connection);
    std::size_t size() const;
    std::vector<std::shared_ptr<Connection>> expired(std::int64_t now) const;
    std::vector<std::shared_ptr<Connection>> all() const;

private:
    mutable std::mutex mutex_;
    std::unordered_set<std::shared_ptr<Connection>> connections_;
};

}  // namespace http
