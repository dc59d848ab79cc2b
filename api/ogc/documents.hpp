#pragma once

#include "api/ogc/collections.hpp"
#include "api/ogc/links.hpp"
#include "gis_core/json.hpp"

#include <string>
#include <vector>

namespace api::ogc {

inline constexpr auto kCrs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
inline constexpr auto kGregorian = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";
inline constexpr auto kJson = "application/json";
inline constexpr auto kGeoJson = "application/geo+json";
inline constexpr auto kJsonFg = "application/vnd.ogc.fg+json";
inline constexpr auto kSchema = "application/schema+json";
inline constexpr auto kSchemaRelation = "http://www.opengis.net/def/rel/ogc/1.0/schema";  // returnables and receivables (ogcapi-features-5)
inline constexpr auto kProfiles = "http://www.opengis.net/def/profile/OGC/0/";            // OGC's register of profiles
inline constexpr auto kHtml = "text/html";
inline constexpr auto kOpenApi = "application/vnd.oai.openapi+json;version=3.0";

/// The conformance classes that are implemented, and tested.
std::vector<std::string> const& conformance_classes();

/// Title of a layer or attribute in a language of the programme.
std::string const& in(std::string_view lang, gis_core::layers::Title const& title);

/// ogcapi-features-1 §7.2, 7.4, 7.13, 7.14: base is the address of the server without a path.
gis_core::Json landing_page(std::string const& base, std::string_view lang, DataNote const& note);
gis_core::Json conformance();
gis_core::Json collection(std::string const& base, std::string_view lang, gis_core::layers::Layer const& layer, Extent const& extent, DataNote const& note);
/// JSON Schema of what can be filtered, sorted by, or is returned (ogcapi-features-3 §6.2, ogcapi-features-5).
enum class SchemaKind { queryables, sortables, returnables };
std::string name_of(std::string_view lang, SchemaKind kind);
gis_core::Json schema_of_collection(std::string const& base, std::string_view lang, gis_core::layers::Layer const& layer, SchemaKind kind);
/// The functions that CQL2 filters may call.
gis_core::Json functions_document(std::string_view lang);
/// OpenAPI 3.0 of everything under /ogc.
gis_core::Json openapi(std::string const& base, std::string_view lang, gis_core::layers::Catalogue const& catalogue);

gis_core::Json to_json(std::vector<Link> const& links);

}  // namespace api::ogc
