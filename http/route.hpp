#pragma once

#include "http/router.hpp"

#include <variant>

namespace http {

/// One piece of a path segment: literal text or a {name}.
struct Piece {
    bool is_capture;
    std::string text;  // the literal, or the name
};

struct Router::Route {
    std::string method;
    std::string pattern;
    std::vector<std::vector<Piece>> segments;
    bool is_literal;  // no {…} at all
    bool past_queue = false;
    std::variant<Handler, ParkingHandler, std::shared_ptr<EventChannel>> action;
};

}  // namespace http
