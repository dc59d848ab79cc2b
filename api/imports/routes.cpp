#include "api/routes.hpp"

#include "api/accounts/gate.hpp"
#include "api/imports/handlers.hpp"
#include "http/router.hpp"

#include <memory>

namespace api {

void add_import_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary) {
    auto access = programme::access::Access::load(context.config.data_dir, *dictionary);
    auto const imports = std::make_shared<Imports>(context.pool, gate_of(context), std::move(dictionary), std::move(access));
    auto const to = [&](auto method) { return [imports, method](http::Request const& request) { return ((*imports).*method)(request); }; };
    router.get("/api/imports", to(&Imports::list));
    router.post("/api/imports", to(&Imports::create));
    router.get("/api/imports/{id}", to(&Imports::read));
    router.add("DELETE", "/api/imports/{id}", to(&Imports::cancel));
    router.get("/api/imports/{id}/report", to(&Imports::report));
}

}  // namespace api
