#pragma once

#include "http/message.hpp"

#include <filesystem>
#include <memory>

namespace gis_core::db {
class FigureCache;
class Pool;
}  // namespace gis_core::db
namespace programme::dictionary {
class Dictionary;
}

/// One struct an address: its members are what it needs, operator() is the call. Checks all of the request, then works,
/// then writes; what it throws becomes application/problem+json in http/.
namespace api::rest {

struct GetOpenApi {
    http::Response operator()(http::Request const& request) const;
};
struct ListProducts {
    gis_core::db::Pool& pool;
    std::shared_ptr<gis_core::db::FigureCache> figures;
    http::Response operator()(http::Request const& request) const;
};
/// The same with a GeoJSON polygon as the body.
struct SearchProducts {
    gis_core::db::Pool& pool;
    std::shared_ptr<gis_core::db::FigureCache> figures;
    http::Response operator()(http::Request const& request) const;
};
/// Every product of a filter, row by row: memory does not grow with the list.
struct StreamProducts {
    enum class Form { csv, geojson };
    gis_core::db::Pool& pool;
    Form form;
    http::Response operator()(http::Request const& request) const;
};
/// The same list as a file that is made first: XLSX, GeoPackage, FlatGeobuf, KML. "xlsx", "gpkg", "fgb" or "kml".
struct ExportProducts {
    gis_core::db::Pool& pool;
    char const* format;
    http::Response operator()(http::Request const& request) const;
};
struct GetProduct {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct ListProducers {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct GetProducer {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct GetUnitStatistics {
    gis_core::db::Pool& pool;
    std::shared_ptr<gis_core::db::FigureCache> figures;
    http::Response operator()(http::Request const& request) const;
};
struct GetSuggestions {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct ListNearest {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct GetUnitsAt {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct ListTouchedZones {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct ListFrames {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct ListClasses {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
/// Figures printed in the press, as JSON or CSV; the answer says that they are not official.
struct ListPublishedFigures {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
struct ListDataSets {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
/// The entities of the record, and a JSON Schema of each.
struct ListSchemas {
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary;
    http::Response operator()(http::Request const& request) const;
};
struct GetSchema {
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary;
    http::Response operator()(http::Request const& request) const;
};
struct GetTemplate {
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary;
    http::Response operator()(http::Request const& request) const;
};

}  // namespace api::rest
