#pragma once

#include "http/router.hpp"

namespace tile_server {

class Service;

/// What `ocopmap tiles` asks the daemon for, past nginx: POST /tiles/seed (answers with a line of JSON now and then) and
/// GET /tiles/explain/{layers}/{z}/{x}/{y}[?at=&filter=]. The front door does not let them through.
void add_operator_routes(http::Router& router, Service& service);

}  // namespace tile_server
