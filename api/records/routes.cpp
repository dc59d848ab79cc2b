#include "api/routes.hpp"

#include "api/accounts/gate.hpp"
#include "api/records/features.hpp"
#include "http/router.hpp"

#include <memory>

namespace api {

void add_record_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary) {
    auto access = programme::access::Access::load(context.config.data_dir, *dictionary);
    auto const records = std::make_shared<Records>(context.pool, gate_of(context), dictionary, access, context.config.secret_key);
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

    auto const features = std::make_shared<RecordFeatures>(records, gate_of(context), std::move(dictionary), std::move(access));
    auto const as = [&](auto method) { return [features, method](http::Request const& request) { return ((*features).*method)(request); }; };
    router.get("/ogc/record", as(&RecordFeatures::landing));
    router.get("/ogc/record/conformance", as(&RecordFeatures::conformance));
    router.get("/ogc/record/api", as(&RecordFeatures::definition));
    router.get("/ogc/record/collections", as(&RecordFeatures::collections));
    router.get("/ogc/record/collections/{collectionId}", as(&RecordFeatures::collection));
    router.get("/ogc/record/collections/{collectionId}/schema", as(&RecordFeatures::schema));
    router.get("/ogc/record/collections/{collectionId}/items", as(&RecordFeatures::items));
    router.post("/ogc/record/collections/{collectionId}/items", as(&RecordFeatures::create));
    router.get("/ogc/record/collections/{collectionId}/items/{featureId}", as(&RecordFeatures::item));
    router.add("PUT", "/ogc/record/collections/{collectionId}/items/{featureId}", as(&RecordFeatures::replace));
    router.add("PATCH", "/ogc/record/collections/{collectionId}/items/{featureId}", as(&RecordFeatures::update));
    router.add("DELETE", "/ogc/record/collections/{collectionId}/items/{featureId}", as(&RecordFeatures::remove));
}

}  // namespace api
