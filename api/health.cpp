#include "api/routes.hpp"

#include "gis_core/db/pool.hpp"
#include "http/router.hpp"

#include <fstream>

#include <unistd.h>

namespace api {
namespace {

long resident_bytes() {
    std::ifstream statm{"/proc/self/statm"};
    long pages = 0, resident = 0;
    statm >> pages >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

http::Response plain(int status, std::string body) {
    auto response = http::Response::text(status, "text/plain; charset=utf-8", std::move(body));
    response.headers.add("Cache-Control", "no-store");
    if (status == 503) response.headers.add("Retry-After", "2");
    return response;
}

}  // namespace

/// GET /healthz: the process lives, whatever the database does.
/// GET /readyz: it may be sent requests: not draining, and the database answers.
/// GET /metrics: Prometheus text; the front door shows it to nobody but loopback.
void add_health_routes(http::Router& router, Context& context) {
    router.get_now("/healthz", [](http::Request const&) { return plain(200, "ok\n"); });
    router.get("/readyz", [&context](http::Request const&) {
        if (context.accepting && !context.accepting()) return plain(503, "draining\n");
        if (!context.pool.answers()) return plain(503, "the database does not answer\n");
        return plain(200, "ready\n");
    });
    router.get_now("/metrics", [&context](http::Request const&) {
        auto text = context.server_metrics ? context.server_metrics() : std::string{};
        text += "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes " + std::to_string(resident_bytes()) + '\n';
        auto response = http::Response::text(200, "text/plain; version=0.0.4; charset=utf-8", std::move(text));
        response.headers.add("Cache-Control", "no-store");
        return response;
    });
}

}  // namespace api
