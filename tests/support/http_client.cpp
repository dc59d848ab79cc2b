#include "tests/support/http_client.hpp"

#include <netdb.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace test_support {
namespace {

[[noreturn]] void fail(std::string const& what) { throw std::runtime_error("http client: " + what); }

std::string trimmed(std::string const& text) {
    auto const first = text.find_first_not_of(" \t");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool has_header(Headers const& headers, char const* name) {
    for (auto const& [key, text] : headers) {
        if (::strcasecmp(key.c_str(), name) == 0) {
            return true;
        }
    }
    return false;
}

}  // namespace

UrlParts split_url(std::string const& url) {
    std::string const scheme = "http://";
    if (url.rfind(scheme, 0) != 0) {
        fail("not an http:// address: " + url);
    }
    auto const slash = url.find_first_of("/?", scheme.size());
    auto const authority = url.substr(scheme.size(), slash == std::string::npos ? std::string::npos : slash - scheme.size());
    auto const colon = authority.rfind(':');
    return {authority.substr(0, colon), colon == std::string::npos ? "80" : authority.substr(colon + 1), slash == std::string::npos ? "/" : url.substr(slash)};
}

std::string Reply::header(std::string const& name) const {
    for (auto const& [key, text] : headers) {
        if (::strcasecmp(key.c_str(), name.c_str()) == 0) {
            return text;
        }
    }
    return {};
}

Connection::Connection(std::string const& url, std::chrono::milliseconds deadline) : deadline_{deadline} {
    auto const parts = split_url(url);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found) != 0) {
        fail("cannot resolve " + parts.host);
    }
    for (auto const* address = found; address != nullptr && fd_ < 0; address = address->ai_next) {
        fd_ = ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
        if (fd_ >= 0 && ::connect(fd_, address->ai_addr, address->ai_addrlen) != 0) {
            ::close(fd_);
            fd_ = -1;
        }
    }
    ::freeaddrinfo(found);
    if (fd_ < 0) {
        fail("cannot connect to " + parts.host + ":" + parts.port);
    }
}

Connection::~Connection() { ::close(fd_); }

void Connection::send(std::string const& bytes) const {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        auto const n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return;  // the peer refused the rest; its answer may still be readable
        }
        sent += static_cast<std::size_t>(n);
    }
}

bool Connection::fill(std::chrono::milliseconds deadline) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(deadline.count())) <= 0) {
        fail("no answer within " + std::to_string(deadline.count()) + " ms");
    }
    char chunk[65536];
    auto const n = ::recv(fd_, chunk, sizeof chunk, 0);
    if (n <= 0) {
        return false;
    }
    buffer_.append(chunk, static_cast<std::size_t>(n));
    return true;
}

Reply Connection::receive(bool head_request) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill(deadline_)) {
            fail("connection closed before a whole response head");
        }
    }
    Reply reply;
    auto const head = buffer_.substr(0, end);
    buffer_.erase(0, end + 4);
    if (head.rfind("HTTP/1.", 0) != 0 || head.size() < 12) {
        fail("no HTTP response: " + head.substr(0, 80));
    }
    reply.status = std::stoi(head.substr(9, 3));
    for (auto line = head.find("\r\n"); line != std::string::npos;) {
        auto const next = head.find("\r\n", line + 2);
        auto const text = head.substr(line + 2, next == std::string::npos ? next : next - line - 2);
        auto const colon = text.find(':');
        if (colon == std::string::npos) {
            fail("bad header line: " + text);
        }
        reply.headers.emplace_back(text.substr(0, colon), trimmed(text.substr(colon + 1)));
        line = next;
    }
    if (head_request || reply.status == 204 || reply.status == 304 || reply.status < 200) {
        return reply;
    }
    auto const take = [&](std::size_t size) {
        while (buffer_.size() < size) {
            if (!fill(deadline_)) {
                fail("connection closed within a body");
            }
        }
        auto bytes = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return bytes;
    };
    if (::strcasecmp(reply.header("Transfer-Encoding").c_str(), "chunked") == 0) {
        while (true) {
            std::size_t eol = 0;
            while ((eol = buffer_.find("\r\n")) == std::string::npos) {
                if (!fill(deadline_)) {
                    fail("connection closed within a chunked body");
                }
            }
            auto const size = std::stoull(buffer_.substr(0, eol), nullptr, 16);
            buffer_.erase(0, eol + 2);
            reply.body += take(size);
            take(2);
            if (size == 0) {
                return reply;
            }
        }
    }
    if (auto const length = reply.header("Content-Length"); !length.empty()) {
        reply.body = take(std::stoull(length));
        return reply;
    }
    while (fill(deadline_)) {}
    reply.body.swap(buffer_);
    return reply;
}

bool Connection::closed_by_peer(std::chrono::milliseconds deadline) {
    auto const end = std::chrono::steady_clock::now() + deadline;
    while (true) {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd waiting{fd_, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
            return false;
        }
        char chunk[65536];
        if (::recv(fd_, chunk, sizeof chunk, 0) <= 0) {
            return true;
        }
    }
}

Reply request(std::string const& method, std::string const& url, Headers const& headers, std::string const& body, std::chrono::milliseconds deadline) {
    auto const parts = split_url(url);
    Connection connection{url, deadline};
    auto text = method + " " + parts.target + " HTTP/1.1\r\n";
    if (!has_header(headers, "Host")) {
        text += "Host: " + parts.host + ":" + parts.port + "\r\n";
    }
    if (!has_header(headers, "Connection")) {
        text += "Connection: close\r\n";
    }
    for (auto const& [name, value] : headers) {
        text += name + ": " + value + "\r\n";
    }
    bool const has_body = !body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
    if (has_body && !has_header(headers, "Content-Length") && !has_header(headers, "Transfer-Encoding")) {
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    connection.send(text + "\r\n" + body);
    return connection.receive(method == "HEAD");
}

}  // namespace test_support
