#include "http/connection.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace http {

std::int64_t now_ms() { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Connection::Connection(int fd, int of_pistache, RequestParser::Limits limits) : parser{limits}, fd_{fd}, of_pistache_{of_pistache} {}

Connection::~Connection() {
    if (auto const fd = fd_.load(); fd >= 0 && !is_shared_) ::close(fd);
}

bool Connection::become_listener() {
    std::lock_guard const lock{mutex};
    listens = true;
    if (peer_gone) return false;
    is_shared_ = true;
    ::close(fd_.exchange(of_pistache_));
    return true;
}

bool Connection::release() {
    std::lock_guard const lock{mutex};
    if (is_shared_) fd_ = -1;
    return is_shared_;
}

void Connection::cut() {
    if (fd() >= 0) ::shutdown(fd(), SHUT_RDWR);
}

void Connection::shut_write() {
    if (fd() >= 0) ::shutdown(fd(), SHUT_WR);
}

SendResult send_some(int fd, std::vector<Chunk>& chunks) {
    while (!chunks.empty()) {
        std::array<iovec, 16> pieces{};
        std::size_t count = 0;
        for (auto const& chunk : chunks) {
            if (count == pieces.size()) break;
            // sendmsg only reads; iovec has no const form
            pieces[count++] = {const_cast<char*>(chunk.bytes->data() + chunk.offset), chunk.bytes->size() - chunk.offset};
        }
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = count;
        auto const sent = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? SendResult::would_block : SendResult::failed;
        }
        auto left = static_cast<std::size_t>(sent);
        std::size_t finished = 0;
        for (; finished < count; ++finished) {
            auto& chunk = chunks[finished];
            auto const rest = chunk.bytes->size() - chunk.offset;
            if (left < rest) {
                chunk.offset += left;
                break;
            }
            left -= rest;
        }
        chunks.erase(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(finished));
    }
    return SendResult::done;
}

void ConnectionTable::add(std::shared_ptr<Connection> connection) {
    std::lock_guard const lock{mutex_};
    connections_.insert(std::move(connection));
}

void ConnectionTable::remove(std::shared_ptr<Connection> const& connection) {
    std::lock_guard const lock{mutex_};
    connections_.erase(connection);
}

std::size_t ConnectionTable::size() const {
    std::lock_guard const lock{mutex_};
    return connections_.size();
}

std::vector<std::shared_ptr<Connection>> ConnectionTable::expired(std::int64_t now) const {
    std::vector<std::shared_ptr<Connection>> found;
    std::lock_guard const lock{mutex_};
    for (auto const& connection : connections_) {
        auto const deadline = connection->deadline.load(std::memory_order_relaxed);
        if (deadline != 0 && deadline <= now) found.push_back(connection);
    }
    return found;
}

std::vector<std::shared_ptr<Connection>> ConnectionTable::all() const {
    std::lock_guard const lock{mutex_};
    return {connections_.begin(), connections_.end()};
}

}  // namespace http
