#include "api/routes.hpp"

#include "api/reports/reports.hpp"
#include "api/rest/certificate_handlers.hpp"
#include "api/rest/handlers.hpp"
#include "gis_core/db/figure_cache.hpp"
#include "http/router.hpp"
#include "programme/dictionary/dictionary.hpp"

#include <memory>

namespace api {

/// Every address under /api; api/rest/openapi.json lists the same ones, and a test holds the two against each other.
void add_rest_routes(http::Router& router, Context& context) {
    using namespace rest;
    auto figures = std::make_shared<gis_core::db::FigureCache>();
    auto& pool = context.pool;
    router.get("/api/openapi.json", GetOpenApi{});
    router.get("/api/products", ListProducts{pool, figures});
    router.get("/api/products.csv", StreamProducts{pool, StreamProducts::Form::csv});
    router.get("/api/products.geojson", StreamProducts{pool, StreamProducts::Form::geojson});
    for (auto const* format : {"xlsx", "gpkg", "fgb", "kml"}) router.get(std::string{"/api/products."} + format, ExportProducts{pool, format});
    router.post("/api/products/search", SearchProducts{pool, figures});
    router.get("/api/products/{id}", GetProduct{pool});
    router.get("/api/certificates/{serial}", GetCertificate{pool});
    router.get("/api/certificates/{serial}/qr.svg", GetCertificateQr{pool, context.config.public_url});
    router.get("/api/producers", ListProducers{pool});
    router.get("/api/producers/{id}", GetProducer{pool});
    router.get("/api/statistics/units", GetUnitStatistics{pool, figures});
    router.get("/api/suggest", GetSuggestions{pool});
    router.get("/api/nearest", ListNearest{pool});
    router.get("/api/units/at", GetUnitsAt{pool});
    router.post("/api/zones/touching", ListTouchedZones{pool});
    router.get("/api/frames", ListFrames{pool});
    router.get("/api/classes", ListClasses{pool});
    router.get("/api/data-sets", ListDataSets{pool});
    router.get("/api/published-figures", ListPublishedFigures{pool});
    auto const dictionary = std::make_shared<programme::dictionary::Dictionary const>(programme::dictionary::Dictionary::load(context.config.data_dir));
    router.get("/api/schemas", ListSchemas{dictionary});
    router.get("/api/schemas/{entity}", GetSchema{dictionary});
    router.get("/api/schemas/{entity}/template", GetTemplate{dictionary});
    add_account_routes(router, context);
    add_administration_routes(router, context);
    add_record_routes(router, context, dictionary);
    add_dossier_routes(router, context);
    add_contact_routes(router, context, dictionary);
    add_file_routes(router, context);
    add_form_routes(router, context, dictionary);
    add_import_routes(router, context, dictionary);
    add_report_routes(router, context, dictionary);
}

}  // namespace api
