#include "http/router.hpp"

#include "gis_core/error.hpp"
#include "http/route.hpp"
#include "http/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace http {
namespace {

std::vector<std::string_view> split_segments(std::string_view path) {
    std::vector<std::string_view> segments;
    path.remove_prefix(std::min<std::size_t>(1, path.size()));  // the leading '/'
    while (true) {
        auto const end = path.find('/');
        segments.push_back(path.substr(0, end));
        if (end == std::string_view::npos) return segments;
        path.remove_prefix(end + 1);
    }
}

std::vector<Piece> parse_segment(std::string_view segment, std::string const& pattern) {
    std::vector<Piece> pieces;
    while (!segment.empty()) {
        if (segment.front() != '{') {
            auto const end = std::min(segment.find('{'), segment.size());
            pieces.push_back({false, std::string{segment.substr(0, end)}});
            segment.remove_prefix(end);
            continue;
        }
        auto const end = segment.find('}');
        bool const after_capture = !pieces.empty() && pieces.back().is_capture;
        if (end == std::string_view::npos || end == 1 || after_capture) throw std::logic_error{"broken route pattern " + pattern};
        pieces.push_back({true, std::string{segment.substr(1, end - 1)}});
        segment.remove_prefix(end + 1);
    }
    return pieces;
}

/// Each capture takes at least one byte; the literal after it is looked for from the left, the last one from the right.
bool match_segment(std::vector<Piece> const& pieces, std::string_view text, std::vector<std::string>& values) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (!pieces[i].is_capture) {
            if (!text.starts_with(pieces[i].text)) return false;
            text.remove_prefix(pieces[i].text.size());
            continue;
        }
        auto end = text.size();
        if (i + 1 < pieces.size()) {
            auto const& literal = pieces[i + 1].text;
            bool const last = i + 2 == pieces.size();
            if (last && !text.ends_with(literal)) return false;
            end = last ? text.size() - literal.size() : text.find(literal, 1);
        }
        if (end == 0 || end == std::string_view::npos) return false;
        values.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return text.empty();
}

bool answers(Router::Route const& route, std::string const& method) { return route.method == method || (method == "HEAD" && route.method == "GET"); }

}  // namespace

static std::shared_ptr<Router::Route> make_route(std::string method, std::string pattern) {
    if (pattern.empty() || pattern.front() != '/') throw std::logic_error{"a route pattern starts with '/': " + pattern};
    auto route = std::make_shared<Router::Route>();
    for (auto const segment : split_segments(pattern)) route->segments.push_back(parse_segment(segment, pattern));
    route->is_literal = pattern.find('{') == std::string::npos;
    route->method = std::move(method);
    route->pattern = std::move(pattern);
    return route;
}

void Router::add(std::string method, std::string pattern, Handler handler) {
    auto route = make_route(std::move(method), std::move(pattern));
    route->action = std::move(handler);
    routes_.push_back(std::move(route));
}

void Router::get_now(std::string path, Handler handler) {
    auto route = make_route("GET", std::move(path));
    if (!route->is_literal) throw std::logic_error{"a route past the queue has a literal path: " + route->pattern};
    route->action = std::move(handler);
    route->past_queue = true;
    routes_.push_back(std::move(route));
}

bool Router::answers_now(std::string_view path) const {
    return std::any_of(routes_.begin(), routes_.end(), [&](auto const& route) { return route->past_queue && route->pattern == path; });
}

void Router::add_parking(std::string method, std::string pattern, ParkingHandler handler) {
    auto route = make_route(std::move(method), std::move(pattern));
    route->action = std::move(handler);
    routes_.push_back(std::move(route));
}

void Router::add_events(std::string pattern, std::shared_ptr<EventChannel> channel) {
    auto route = make_route("GET", std::move(pattern));
    route->action = std::move(channel);
    routes_.push_back(std::move(route));
}

std::vector<std::string> Router::patterns() const {
    std::vector<std::string> patterns;
    for (auto const& route : routes_) patterns.push_back(route->method + " " + route->pattern);
    return patterns;
}

Router::Route const& Router::match(Request& request) const {
    std::vector<std::string> segments;
    for (auto const raw : split_segments(request.path)) {
        auto decoded = percent_decode(raw, false);
        if (!decoded || !is_utf8(*decoded) || decoded->find('\0') != std::string::npos) {
            throw gis_core::invalid_field("path", raw, "percent-encoded UTF-8 without NUL");
        }
        segments.push_back(std::move(*decoded));
    }

    std::vector<std::string> methods;
    for (bool const literal : {true, false}) {
        for (auto const& route : routes_) {
            if (route->is_literal != literal || route->segments.size() != segments.size()) continue;
            std::vector<std::string> values;
            bool matches = true;
            for (std::size_t i = 0; matches && i < segments.size(); ++i) {
                matches = match_segment(route->segments[i], segments[i], values);
            }
            if (!matches) continue;
            if (answers(*route, request.method)) {
                request.path_values = std::move(values);
                return *route;
            }
            methods.push_back(route->method);
            if (route->method == "GET") methods.emplace_back("HEAD");
        }
    }
    if (methods.empty()) {
        throw gis_core::Error{gis_core::ErrorKind::not_found, "there is nothing at this address"};
    }
    std::sort(methods.begin(), methods.end());
    methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
    auto const allowed = fmt::format("{}", fmt::join(methods, ", "));
    throw gis_core::Error{gis_core::ErrorKind::method_not_allowed,
                          fmt::format("{} is not possible at this address, which knows {}", request.method.substr(0, 20), allowed),
                          {{"method", request.method.substr(0, 20), allowed}}};
}

}  // namespace http
