#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace test_support {

struct RawAnswer {
    int status = 0;  // 0: the peer closed or stalled before a whole answer
    std::string head;
    std::string body;

    /// The value of a header, empty when absent.
    std::string header(std::string const& name) const {
        auto lower = [](std::string text) {
            std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            return text;
        };
        auto const at = lower(head).find("\r\n" + lower(name) + ": ");
        if (at == std::string::npos) return {};
        auto const start = at + name.size() + 4;
        return head.substr(start, head.find("\r\n", start) - start);
    }
};

/// A client that sends any bytes, for what no decent library would send.
class RawClient {
public:
    RawClient(std::string const& host, std::uint16_t port, int receive_buffer = 0) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd_ < 0) throw std::runtime_error{"no socket"};
        if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        int const one = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(fd_);
            throw std::runtime_error{"cannot connect"};
        }
    }
    ~RawClient() { close(); }
    RawClient(RawClient&& other) noexcept : fd_{other.fd_}, received_{std::move(other.received_)} { other.fd_ = -1; }
    RawClient(RawClient const&) = delete;
    RawClient& operator=(RawClient const&) = delete;

    int fd() const { return fd_; }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    /// Closes with a reset instead of a FIN.
    void abort() {
        linger const option{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &option, sizeof option);
        close();
    }
    void shut_write() { ::shutdown(fd_, SHUT_WR); }

    /// False when the peer no longer takes bytes.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            auto const sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Appends what comes to received(); false at the end of the stream, a reset or the deadline.
    bool receive(std::chrono::milliseconds within) {
        pollfd waiting{fd_, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(within.count())) <= 0) return false;
        char buffer[16 * 1024];
        auto const count = ::recv(fd_, buffer, sizeof buffer, 0);
        if (count <= 0) return false;
        received_.append(buffer, static_cast<std::size_t>(count));
        return true;
    }
    std::string& received() { return received_; }

    /// The next whole answer: by Content-Length, chunks, or up to the end of the stream.
    RawAnswer answer(std::chrono::milliseconds within = std::chrono::milliseconds{5'000}, bool to_head = false) {
        auto const deadline = std::chrono::steady_clock::now() + within;
        auto const more = [&] {
            auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            return left.count() > 0 && receive(left);
        };
        RawAnswer answer;
        std::size_t end = 0;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) return answer;
        }
        answer.head = received_.substr(0, end + 2);
        received_.erase(0, end + 4);
        auto const status = std::atoi(answer.head.substr(9, 3).c_str());
        if (to_head || status == 204 || status == 304 || status < 200) {
            answer.status = status;
        } else if (auto const length = answer.header("Content-Length"); !length.empty()) {
            auto const size = static_cast<std::size_t>(std::atoll(length.c_str()));
            while (received_.size() < size) {
                if (!more()) return answer;
            }
            answer.body = received_.substr(0, size);
            received_.erase(0, size);
            answer.status = status;
        } else if (answer.header("Transfer-Encoding") == "chunked") {
            while (true) {
                std::size_t line = 0;
                while ((line = received_.find("\r\n")) == std::string::npos) {
                    if (!more()) return answer;
                }
                auto const size = static_cast<std::size_t>(std::strtoull(received_.c_str(), nullptr, 16));
                while (received_.size() < line + 2 + size + 2) {
                    if (!more()) return answer;
                }
                answer.body += received_.substr(line + 2, size);
                received_.erase(0, line + 2 + size + 2);
                if (size == 0) break;
            }
            answer.status = status;
        } else {
            while (more()) {}
            answer.body = std::move(received_);
            received_.clear();
            answer.status = status;
        }
        return answer;
    }

    /// True when the peer ends the connection within the time; what comes before it is kept.
    bool is_closed(std::chrono::milliseconds within = std::chrono::milliseconds{3'000}) {
        auto const deadline = std::chrono::steady_clock::now() + within;
        while (true) {
            auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            pollfd waiting{fd_, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
            if (!receive(std::chrono::milliseconds{0})) return true;
        }
    }

private:
    int fd_ = -1;
    std::string received_;
};

}  // namespace test_support
