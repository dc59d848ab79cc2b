#include "api/routes.hpp"

#include "api/accounts/gate.hpp"
#include "api/files/handlers.hpp"
#include "http/router.hpp"
#include "programme/files/files.hpp"

#include <memory>

namespace api {

programme::files::Files& files_of(Context& context) {
    if (!context.files) context.files = std::make_shared<programme::files::Files>(context.pool, context.config.files);
    return *context.files;
}

void add_file_routes(http::Router& router, Context& context) {
    auto const files = std::make_shared<FileHandlers>(files_of(context), gate_of(context));
    auto const to = [&](auto method) { return [files, method](http::Request const& request) { return ((*files).*method)(request); }; };
    router.get("/api/files", to(&FileHandlers::own));
    router.post("/api/files", to(&FileHandlers::store));
    router.add("OPTIONS", "/api/files/uploads", to(&FileHandlers::uploads_options));
    router.post("/api/files/uploads", to(&FileHandlers::begin_upload));
    router.get("/api/files/uploads/{id}", to(&FileHandlers::upload_state));
    router.add("PATCH", "/api/files/uploads/{id}", to(&FileHandlers::add_piece));
    router.add("DELETE", "/api/files/uploads/{id}", to(&FileHandlers::end_upload));
    router.get("/api/files/{sha256}", to(&FileHandlers::read));
    router.get("/api/files/{sha256}/facts", to(&FileHandlers::facts));
    router.get("/api/files/{sha256}/public", to(&FileHandlers::public_copy));
    router.get("/api/files/{sha256}/thumb", to(&FileHandlers::thumbnail));
}

}  // namespace api
