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

/// Signing in and out, a new password, the sign-up of a producer and the account: HTML forms that need no script.
void add_account_pages(http::Router& router, Context& context, std::shared_ptr<pages::Pages> const& pages);

}  // namespace api
