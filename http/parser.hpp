#pragma once

#include "http/message.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace http {

/// Reads one HTTP/1 request (RFC 9112) byte by byte as it comes, strictly: what two readers could understand in two
/// ways is refused. Pistache's own parser never sees a byte.
class RequestParser {
public:
    struct Limits {
        std::size_t head_bytes;
        std::size_t target_bytes;
        std::size_t body_bytes;
        std::map<std::string, std::size_t> body_bytes_of = {};  // path -> another limit
    };
    enum class Progress { incomplete, complete, refused };
    /// Why a request was refused; slug and title as in docs/problems.md.
    struct Refusal {
        int status = 0;
        char const* slug = "";
        char const* title = "";
        std::string detail;
    };

    explicit RequestParser(Limits limits) : limits_{limits} {}

    /// Bytes after the end of the request are counted in surplus() and dropped. Call reset() after complete or refused.
    Progress feed(std::string_view bytes);
    void reset();

    bool has_started() const { return !buffer_.empty() || phase_ != Phase::head; }
    bool is_in_body() const { return phase_ != Phase::head && phase_ != Phase::done; }
    /// True once when the client waits for "100 Continue" before it sends the body.
    bool take_continue();
    std::size_t surplus() const { return surplus_; }
    bool is_http10() const { return http10_; }
    bool keep_alive() const { return keep_alive_; }
    Refusal const& refusal() const { return refusal_; }
    /// The request without id, query and path values.
    Request take() { return std::move(request_); }

private:
    enum class Phase { head, fixed_body, chunk_size, chunk_data, chunk_end, trailer, done };

    Progress refuse(int status, char const* slug, char const* title, std::string detail);
    Progress bad(std::string detail);
    Progress feed_head(std::string_view bytes);
    Progress feed_body(std::string_view bytes);
    std::size_t most_body_bytes() const;
    Progress read_request_line(std::string_view line);
    Progress read_header_line(std::string_view line);
    Progress finish_head();
    void restore_forwarded_headers();

    Limits limits_;
    Phase phase_ = Phase::head;
    std::string buffer_;       // the head so far, or a chunk-size or trailer line
    std::size_t scanned_ = 0;  // bytes of buffer_ already looked at
    std::size_t line_start_ = 0;
    int blank_lines_ = 0;
    bool has_request_line_ = false;
    std::vector<std::pair<std::string, std::string>> fields_;
    Request request_;
    bool http10_ = false;
    bool keep_alive_ = true;
    bool wants_continue_ = false;
    std::size_t remaining_ = 0;  // of the body or the chunk
    std::size_t trailer_bytes_ = 0;
    std::size_t surplus_ = 0;
    Refusal refusal_;
};

}  // namespace http
