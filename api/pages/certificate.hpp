#pragma once

#include <memory>

namespace http {
class Router;
}

namespace api {
struct Context;
namespace pages {
class Pages;

/// /xac-minh and /xac-minh/{serial}, /en/verify: whether a certificate holds, now.
void add_certificate_pages(http::Router& router, Context& context, std::shared_ptr<Pages> const& pages);

}  // namespace pages
}  // namespace api
