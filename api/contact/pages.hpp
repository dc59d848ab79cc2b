#pragma once

#include <memory>

namespace http {
class Router;
}

namespace api {

struct Context;
namespace pages {
class Pages;
}

/// Notifications, messages, feedback and content as pages that need no script.
void add_contact_pages(http::Router& router, Context& context, std::shared_ptr<pages::Pages> const& pages);

}  // namespace api
