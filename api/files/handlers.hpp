#pragma once

#include "http/message.hpp"

#include <functional>

namespace programme::files {
class Files;
struct Content;
}  // namespace programme::files

namespace api {

class Gate;

/// Stored files: what comes in, in one piece or resumed (tus 1.0.0: core, creation, expiration, termination), and what goes out.
class FileHandlers {
public:
    FileHandlers(programme::files::Files& files, Gate& gate) : files_{files}, gate_{gate} {}

    http::Response own(http::Request const& request);     // GET /api/files
    http::Response store(http::Request const& request);   // POST /api/files
    http::Response read(http::Request const& request);    // GET /api/files/{sha256}
    http::Response facts(http::Request const& request);   // GET /api/files/{sha256}/facts
    http::Response public_copy(http::Request const& request) { return copy(request, "public"); }
    http::Response thumbnail(http::Request const& request);

    http::Response uploads_options(http::Request const& request);  // OPTIONS /api/files/uploads
    http::Response begin_upload(http::Request const& request);     // POST there
    http::Response upload_state(http::Request const& request);     // GET, HEAD /api/files/uploads/{id}
    http::Response add_piece(http::Request const& request);        // PATCH there
    http::Response end_upload(http::Request const& request);       // DELETE there

private:
    http::Response copy(http::Request const& request, std::string const& kind);
    http::Response send(http::Request const& request, programme::files::Content const& content, std::string const& name, std::string const& cache) const;

    programme::files::Files& files_;
    Gate& gate_;
};

}  // namespace api
