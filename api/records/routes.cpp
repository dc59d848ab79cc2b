#include "api/routes.hpp"

#include "api/accounts/gate.hpp"
#include "api/records/handlers.hpp"
#include "http/router.hpp"

#include <memory>

namespace api {

void add_record_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary) {
    auto access = programme::access::Access::load(context.config.data_dir, *dictionary);
    auto const records = std::make_shared<Records>(context.pool, gate_of(context), std::move(dictionary), std::move(access), context.config.secret_key);
    auto const to = [&](auto method) { return [records, method](http::Request const& request) { return ((*records).*method)(request); }; };
    router.get("/api/my-data", to(&Records::my_data));
    router.get("/api/records", to(&Records::entities));
    router.get("/api/records/{entity}", to(&Records::list));
    router.post("/api/records/{entity}", to(&Records::create));
    router.get("/api/records/{entity}/tiles/{z}/{x}/{y}.mvt", to(&Records::tile));
    router.get("/api/records/{entity}/{id}", to(&Records::read));
    router.add("PUT", "/api/records/{entity}/{id}", to(&Records::replace));
    router.add("PATCH", "/api/records/{entity}/{id}", to(&Records::patch));
    router.add("DELETE", "/api/records/{entity}/{id}", to(&Records::retire));
    router.post("/api/records/{entity}/{id}/restore", to(&Records::restore));
    router.get("/api/records/{entity}/{id}/history", to(&Records::history));
    router.post("/api/records/{entity}/{id}/reveal", to(&Records::reveal));
}

}  // namespace api
