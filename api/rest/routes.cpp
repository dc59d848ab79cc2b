#include "api/routes.hpp"

#include "http/router.hpp"

namespace api {

void add_rest_routes(http::Router&, Context&) {}

}  // namespace api
