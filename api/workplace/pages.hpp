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

/// /quan-ly, where producers, officials and administrators work on the record, and /tu-dien.
void add_work_pages(http::Router& router, Context& context, std::shared_ptr<pages::Pages> const& pages);

}  // namespace api
