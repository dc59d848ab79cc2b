#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace test_support {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Reply {
    int status = 0;
    Headers headers;   // in the order they came, repeated ones too
    std::string body;  // de-chunked, not decompressed
    /// The first header of that name (any case), empty when absent.
    std::string header(std::string const& name) const;
};

/// A plain TCP connection to host:port, for requests no client library would send. Every wait has a deadline.
class Connection {
public:
    explicit Connection(std::string const& url, std::chrono::milliseconds deadline = std::chrono::seconds(30));
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    int fd() const { return fd_; }
    void send(std::string const& bytes) const;
    /// The next response. \throws std::runtime_error when the peer closes before it is complete or the deadline passes.
    Reply receive(bool head_request = false);
    /// True when the peer has closed (or reset) the connection before the deadline; bytes that still come are dropped.
    bool closed_by_peer(std::chrono::milliseconds deadline);

private:
    bool fill(std::chrono::milliseconds deadline);  // false at the end of the stream

    int fd_ = -1;
    std::chrono::milliseconds deadline_;
    std::string buffer_;
};

/// One request on a connection of its own. The url is http://host:port/target; the target is sent as it stands.
Reply request(std::string const& method, std::string const& url, Headers const& headers = {}, std::string const& body = {},
              std::chrono::milliseconds deadline = std::chrono::seconds(30));
inline Reply get(std::string const& url, Headers const& headers = {}) { return request("GET", url, headers); }

/// "http://127.0.0.1:8080/a?b" to host, port and target.
struct UrlParts {
    std::string host, port, target;
};
UrlParts split_url(std::string const& url);

}  // namespace test_support
