#pragma once

#include "http/message.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::ogc {

/// RFC 8288, as OGC API writes it.
struct Link {
    std::string rel, type, title, href;
};

/// RFC 3986 §2.3: everything but unreserved characters becomes %XX.
std::string percent_encode(std::string_view text);

/// The address of this request with some parameters set (or removed, where the value is empty), the others kept in order.
std::string with_parameters(http::Request const& request, std::vector<std::pair<std::string, std::string>> const& changes);

/// `[{"rel":…},…]` for JSON; attributes that are empty are left out.
std::string links_json(std::vector<Link> const& links);

/// The value of an HTTP Link header.
std::string links_header(std::vector<Link> const& links);

}  // namespace api::ogc
