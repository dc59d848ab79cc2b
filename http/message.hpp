#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace http {

/// Header names are compared without case; order and duplicates are kept.
class Headers {
public:
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// The first field of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Query parameters after percent-decoding, in the order they came, duplicates kept, valid UTF-8 without NUL.
class Query {
public:
    /// \throws gis_core::Error(invalid_argument) for a broken escape or bytes that are not UTF-8.
    static Query parse(std::string_view raw);
    /// Empty when absent. \throws invalid_argument when the name is there twice.
    std::optional<std::string_view> find(std::string_view name) const;
    /// \throws invalid_argument that names each parameter not in known, and what is known.
    void allow_only(std::vector<std::string_view> const& known) const;
    bool empty() const { return parameters_.empty(); }
    auto begin() const { return parameters_.begin(); }
    auto end() const { return parameters_.end(); }

private:
    std::vector<std::pair<std::string, std::string>> parameters_;
};

struct Request {
    std::string id;         // ours, in the log line and in every problem
    std::string method;     // GET, HEAD, POST, …
    std::string target;     // as it came: path and query
    std::string path;       // without the query, still percent-encoded
    std::string raw_query;  // after '?', as it came
    Query query;
    Headers headers;
    std::string body;
    std::vector<std::string> path_values;  // decoded values of {…} in the route, in order

    /// The value of the n-th {…} of the route.
    std::string const& value(std::size_t n) const { return path_values.at(n); }
    std::string_view header_or(std::string_view name, std::string_view otherwise) const;
    /// Scheme and host as the visitor sees them (nginx sets X-Forwarded-Proto and X-Forwarded-Host): for links.
    std::string base_url() const;
};

/// Where a streamed body is written. write blocks until the peer took it.
/// \throws Aborted when the peer is gone or too slow; let it pass, the server handles it.
class BodySink {
public:
    virtual ~BodySink() = default;
    virtual void write(std::string_view bytes) = 0;
    /// True when nobody waits any more; long work may look now and then.
    virtual bool is_aborted() const = 0;
};
class Aborted : public std::exception {};

/// Runs on the worker that handled the request, after the head is sent (chunked). What it throws later than its first
/// write can only cut the connection, so check everything before returning the response.
using BodyStream = std::function<void(BodySink&)>;

struct Response {
    int status = 200;
    Headers headers;
    std::variant<std::string, std::shared_ptr<std::string const>, BodyStream> body;  // text, shared bytes, streamed

    static Response text(int status, std::string content_type, std::string body);
    static Response json(std::string body) { return text(200, "application/json; charset=utf-8", std::move(body)); }
    static Response stream(std::string content_type, BodyStream body);
};

}  // namespace http
