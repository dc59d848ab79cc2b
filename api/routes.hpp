#pragma once

#include "api/context.hpp"

namespace http {
class Router;
}

namespace api {

/// Every route of the daemon, in order of matching. The context must outlive the router.
void add_routes(http::Router& router, Context& context);

void add_health_routes(http::Router& router, Context& context);  // api/health.cpp
void add_rest_routes(http::Router& router, Context& context);    // api/rest/routes.cpp
void add_ogc_routes(http::Router& router, Context& context);     // api/ogc/routes.cpp
void add_page_routes(http::Router& router, Context& context);    // api/pages/routes.cpp

}  // namespace api
