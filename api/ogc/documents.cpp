#include "api/ogc/documents.hpp"

#include "api/ogc/tiles.hpp"
#include "gis_core/cql2/functions.hpp"
#include "gis_core/crs/reference_system.hpp"
#include "gis_core/io/table_file.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>

namespace api::ogc {
namespace {

using gis_core::Json;
using gis_core::layers::AttributeType;
using gis_core::layers::Layer;

std::string say(std::string_view lang, char const* vi, char const* en) { return lang == "en" ? en : vi; }

Json schema_of(AttributeType type) {
    switch (type) {
    case AttributeType::text: break;
    case AttributeType::integer: return {{"type", "integer"}};
    case AttributeType::number: return {{"type", "number"}};
    case AttributeType::boolean: return {{"type", "boolean"}};
    case AttributeType::date: return {{"type", "string"}, {"format", "date"}};
    case AttributeType::array: return {{"type", "array"}, {"items", {{"type", "string"}}}};
    }
    return {{"type", "string"}};
}

char const* title_of_api(std::string_view lang) { return lang == "en" ? "ocopmap: OCOP products of Bến Tre" : "ocopmap: sản phẩm OCOP Bến Tre"; }

Json interval(Extent const& extent) {
    auto const end = [](std::string const& day) { return day.empty() ? Json(nullptr) : Json(day + "T00:00:00+07:00"); };
    return Json::array({Json::array({end(extent.since), end(extent.until)})});
}

Json parameter(std::string const& name, std::string const& description, Json schema) {
    return {{"name", name},    {"in", "query"},    {"required", false},          {"description", description},
            {"style", "form"}, {"explode", false}, {"schema", std::move(schema)}};
}

Json reference(std::string const& kind, std::string const& name) { return {{"$ref", "#/components/" + kind + "/" + name}}; }

Json answer(std::string const& description, std::vector<std::pair<std::string, std::string>> const& types) {
    Json content = Json::object();
    for (auto const& [type, schema] : types) content[type] = {{"schema", schema.empty() ? Json{{"type", "string"}} : reference("schemas", schema)}};
    return {{"description", description}, {"content", content}};
}

Json operation(std::string const& id, std::string const& summary, Json parameters, Json ok, bool may_be_missing) {
    Json responses{{"200", std::move(ok)}, {"400", reference("responses", "invalid")}};
    if (may_be_missing) responses["404"] = reference("responses", "missing");
    responses["406"] = reference("responses", "not_acceptable");
    responses["default"] = reference("responses", "failed");
    return {{"get",
             {{"operationId", id},
              {"summary", summary},
              {"tags", Json::array({"OGC API - Features"})},
              {"parameters", std::move(parameters)},
              {"responses", std::move(responses)}}}};
}

}  // namespace

std::vector<std::string> const& conformance_classes() {
    static std::vector<std::string> const classes = [] {
        std::vector<std::string> all{"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
                                     "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
                                     "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
                                     "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
                                     "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
                                     "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
                                     "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
                                     "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
                                     "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
                                     "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
                                     "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features",
                                     "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/returnables-and-receivables",
                                     "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/queryables",
                                     "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/sortables",
                                     "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/profile-parameter",
                                     "http://www.opengis.net/spec/json-fg-1/0.3/conf/core",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/functions",
                                     "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic"};
        all.insert(all.end(), tile_conformance_classes().begin(), tile_conformance_classes().end());
        return all;
    }();
    return classes;
}

std::string const& in(std::string_view lang, gis_core::layers::Title const& title) { return lang == "en" ? title.en : title.vi; }

Json to_json(std::vector<Link> const& links) {
    Json list = Json::array();
    for (auto const& link : links) {
        Json one{{"href", link.href}, {"rel", link.rel}, {"type", link.type}};
        if (!link.title.empty()) one["title"] = link.title;
        list.push_back(std::move(one));
    }
    return list;
}

Json landing_page(std::string const& base, std::string_view lang, DataNote const& note) {
    auto const ogc = base + "/ogc";
    Json page{
        {"title", title_of_api(lang)},
        {"description", say(lang, "Ranh giới, vùng nguyên liệu, chủ thể, sản phẩm và điểm bán OCOP theo ngày bất kỳ. ",
                            "Boundaries, raw-material zones, producers, products and sales points of OCOP on any date. ") +
                            note.text(lang)},
        {"links", to_json({{"self", kJson, say(lang, "Trang này", "This page"), ogc + "?f=json"},
                           {"alternate", kHtml, say(lang, "Trang này dạng HTML", "This page as HTML"), ogc + "?f=html"},
                           {"service-desc", kOpenApi, say(lang, "Mô tả OpenAPI 3.0", "OpenAPI 3.0 description"), ogc + "/api"},
                           {"service-doc", kHtml, say(lang, "Mô tả cho người đọc", "Description for people"), ogc + "/api?f=html"},
                           {"conformance", kJson, say(lang, "Các lớp tuân thủ", "Conformance classes"), ogc + "/conformance"},
                           {"http://www.opengis.net/def/rel/ogc/1.0/functions", kJson, say(lang, "Hàm của CQL2", "Functions of CQL2"), ogc + "/functions"},
                           {"data", kJson, say(lang, "Các tập dữ liệu", "Collections"), ogc + "/collections"}})}};
    for (auto& link : to_json(tile_landing_links(base, lang))) page["links"].push_back(std::move(link));
    return page;
}

Json conformance() { return {{"conformsTo", conformance_classes()}}; }

Json collection(std::string const& base, std::string_view lang, Layer const& layer, Extent const& extent, DataNote const& note) {
    auto const self = base + "/ogc/collections/" + layer.id;
    Json box = Json::array();
    for (auto const& number : extent.box) box.push_back(std::strtod(number.c_str(), nullptr));
    Json described{{"id", layer.id}, {"title", in(lang, layer.title)}, {"itemType", "feature"}};
    auto description = note.text(lang);
    if (layer.has_at) {
        description = say(lang, "Không có datetime: như hôm nay. ", "Without datetime: as of today. ") + description;
        if (layer.shows_former) {
            description = say(lang, "Cấp đã bỏ: không có datetime thì là ngày cuối cùng còn hiệu lực. ",
                              "A level that was abolished: without datetime, its last day in force. ") +
                          note.text(lang);
        }
    }
    if (!description.empty()) described["description"] = description;
    described["extent"] = {{"spatial", {{"bbox", Json::array({box})}, {"crs", kCrs84}}}};
    if (!layer.valid_from_column.empty()) described["extent"]["temporal"] = {{"interval", interval(extent)}, {"trs", kGregorian}};
    for (auto const& system : gis_core::crs::reference_systems()) described["crs"].push_back(system.uri);
    described["storageCrs"] = kCrs84;
    std::vector<Link> links{
        {"self", kJson, in(lang, layer.title), self + "?f=json"},
        {"alternate", kHtml, in(lang, layer.title), self + "?f=html"},
        {"items", kGeoJson, in(lang, layer.title) + " (GeoJSON)", self + "/items?f=json"},
        {"items", kHtml, in(lang, layer.title) + " (HTML)", self + "/items?f=html"},
        {"items", kJsonFg, in(lang, layer.title) + " (JSON-FG)", self + "/items?f=jsonfg"},
        {"http://www.opengis.net/def/rel/ogc/1.0/queryables", kSchema, say(lang, "Các thuộc tính lọc được", "Queryables"), self + "/queryables"},
        {"http://www.opengis.net/def/rel/ogc/1.0/sortables", kSchema, say(lang, "Các thuộc tính sắp xếp được", "Sortables"), self + "/sortables"},
        {"describedby", kSchema, say(lang, "Lược đồ", "Schema"), self + "/schema"},
        {kSchemaRelation, kSchema, say(lang, "Lược đồ", "Schema"), self + "/schema"}};
    using gis_core::io::FileFormat;
    for (auto const format : {FileFormat::csv, FileFormat::xlsx, FileFormat::gpkg, FileFormat::fgb, FileFormat::kml}) {
        std::string const name = gis_core::io::file_extension(format);
        links.push_back({"enclosure", gis_core::io::media_type(format), in(lang, layer.title) + " (" + name + ")", self + "/items?f=" + name});
    }
    for (auto& link : tile_collection_links(base, lang, layer)) links.push_back(std::move(link));
    described["links"] = to_json(links);
    return described;
}

std::string name_of(std::string_view lang, SchemaKind kind) {
    switch (kind) {
    case SchemaKind::queryables: return say(lang, "thuộc tính lọc được", "queryables");
    case SchemaKind::sortables: return say(lang, "thuộc tính sắp xếp được", "sortables");
    case SchemaKind::returnables: break;
    }
    return say(lang, "lược đồ", "schema");
}

Json schema_of_collection(std::string const& base, std::string_view lang, Layer const& layer, SchemaKind kind) {
    Json fields = Json::object();
    if (kind == SchemaKind::returnables) {
        fields["id"] = {{"type", "integer"}, {"title", say(lang, "Mã số", "Id")}, {"x-ogc-role", "id"}, {"readOnly", true}};
    }
    if (kind != SchemaKind::sortables) {
        auto type = layer.geometry_type;
        for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        fields[layer.geometry_column] = {{"title", say(lang, "Hình học", "Geometry")}, {"format", "geometry-" + type}, {"x-ogc-role", "primary-geometry"}};
    }
    for (auto const* attribute : properties(layer)) {
        if (kind == SchemaKind::queryables && !attribute->is_queryable) continue;
        if (kind == SchemaKind::sortables && !attribute->is_sortable) continue;
        auto field = schema_of(attribute->type);
        field["title"] = in(lang, attribute->title);
        if (attribute->name == layer.valid_from_column) field["x-ogc-role"] = "primary-interval-start";
        if (attribute->name == layer.valid_to_column) field["x-ogc-role"] = "primary-interval-end";
        fields[attribute->name] = std::move(field);
    }
    auto const* const last = kind == SchemaKind::queryables ? "queryables" : kind == SchemaKind::sortables ? "sortables" : "schema";
    return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
            {"$id", fmt::format("{}/ogc/collections/{}/{}", base, layer.id, last)},
            {"type", "object"},
            {"title", in(lang, layer.title)},
            {"properties", fields},
            {"additionalProperties", false}};
}

Json functions_document(std::string_view lang) {
    using gis_core::cql2::Type;
    auto const type = [](Type which) { return Json::array({which == Type::number ? "number" : which == Type::text ? "string" : "datetime"}); };
    auto list = Json::array();
    for (auto const& function : gis_core::cql2::functions()) {
        auto arguments = Json::array();
        for (auto const argument : function.arguments) arguments.push_back({{"type", type(argument)}});
        list.push_back({{"name", function.name},
                        {"description", lang == "en" ? function.en : function.vi},
                        {"arguments", std::move(arguments)},
                        {"returns", type(function.result)}});
    }
    return {{"functions", std::move(list)}};
}

Json openapi(std::string const& base, std::string_view lang, gis_core::layers::Catalogue const& catalogue) {
    Json const pages = Json::array({reference("parameters", "f"), reference("parameters", "lang")});
    Json paths = Json::object();
    paths["/ogc"] = operation("getLandingPage", "Landing page", pages, answer("Links to everything else", {{kJson, "landingPage"}, {kHtml, ""}}), false);
    paths["/ogc/conformance"] = operation("getConformance", "Conformance classes", pages, answer("The classes", {{kJson, "confClasses"}, {kHtml, ""}}), false);
    paths["/ogc/api"] = operation("getApi", "This document", pages, answer("OpenAPI 3.0", {{kOpenApi, "object"}, {kHtml, ""}}), false);
    paths["/ogc/functions"] = operation("getFunctions", "Functions of CQL2", pages, answer("The functions", {{kJson, "object"}, {kHtml, ""}}), false);
    paths["/ogc/collections"] = operation("getCollections", "Collections", pages, answer("All collections", {{kJson, "collections"}, {kHtml, ""}}), false);
    for (auto const& layer : catalogue.layers()) {
        auto const path = "/ogc/collections/" + layer.id;
        auto const& title = in(lang, layer.title);
        paths[path] = operation("describe_" + layer.id, title, pages, answer("The collection", {{kJson, "collection"}, {kHtml, ""}}), false);
        for (auto const* kind : {"queryables", "sortables", "schema"}) {
            paths[path + "/" + kind] =
                operation(std::string{kind} + "_" + layer.id, title + ": " + kind, pages, answer("JSON Schema", {{kSchema, "object"}, {kHtml, ""}}), false);
        }
        Json filters = Json::array();
        for (auto const* name : {"bbox", "bbox-crs", "datetime", "limit", "filter", "filter-lang", "filter-crs", "sortby", "crs", "properties", "skipGeometry",
                                 "after", "before", "file", "profile", "lang"}) {
            filters.push_back(reference("parameters", name));
        }
        for (auto const* attribute : properties(layer)) {
            if (attribute->is_queryable && attribute->is_simple())
                filters.push_back(parameter(attribute->name, in(lang, attribute->title), schema_of(attribute->type)));
        }
        auto ok = answer("A page of features", {{kGeoJson, "featureCollection"}, {kJsonFg, "featureCollection"}, {kHtml, ""}});
        using gis_core::io::FileFormat;
        for (auto const format : {FileFormat::csv, FileFormat::xlsx, FileFormat::gpkg, FileFormat::fgb, FileFormat::kml}) {
            ok["content"][gis_core::io::media_type(format)] = {{"schema", {{"type", "string"}, {"format", "binary"}}}};
        }
        paths[path + "/items"] = operation("items_" + layer.id, title, filters, ok, false);
        Json one = Json::array();
        for (auto const* name : {"item_f", "lang", "crs", "properties", "skipGeometry", "profile"}) one.push_back(reference("parameters", name));
        one.insert(one.begin(), Json{{"name", "featureId"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "integer"}, {"format", "int64"}}}});
        paths[path + "/items/{featureId}"] =
            operation("item_" + layer.id, title, one, answer("The feature", {{kGeoJson, "feature"}, {kJsonFg, "feature"}, {kHtml, ""}}), true);
    }

    Json const link{
        {"type", "object"},
        {"required", {"href", "rel"}},
        {"properties", {{"href", {{"type", "string"}}}, {"rel", {{"type", "string"}}}, {"type", {{"type", "string"}}}, {"title", {{"type", "string"}}}}}};
    Json const links{{"type", "array"}, {"items", reference("schemas", "link")}};
    Json const text{{"type", "string"}};
    Json const geometry{
        {"type", "object"},
        {"nullable", true},
        {"required", {"type"}},
        {"properties",
         {{"type", {{"type", "string"}, {"enum", {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}}}},
          {"coordinates", {{"type", "array"}, {"items", Json::object()}}}}}};
    Json schemas{
        {"object", {{"type", "object"}}},
        {"link", link},
        {"landingPage", {{"type", "object"}, {"required", {"links"}}, {"properties", {{"title", text}, {"description", text}, {"links", links}}}}},
        {"confClasses", {{"type", "object"}, {"required", {"conformsTo"}}, {"properties", {{"conformsTo", {{"type", "array"}, {"items", text}}}}}}},
        {"extent", {{"type", "object"}, {"properties", {{"spatial", {{"type", "object"}}}, {"temporal", {{"type", "object"}}}}}}},
        {"collection",
         {{"type", "object"},
          {"required", {"id", "links"}},
          {"properties",
           {{"id", text},
            {"title", text},
            {"description", text},
            {"links", links},
            {"extent", reference("schemas", "extent")},
            {"itemType", text},
            {"crs", {{"type", "array"}, {"items", text}}},
            {"storageCrs", text}}}}},
        {"collections",
         {{"type", "object"},
          {"required", {"links", "collections"}},
          {"properties", {{"links", links}, {"collections", {{"type", "array"}, {"items", reference("schemas", "collection")}}}}}}},
        {"geometry", geometry},
        {"feature",
         {{"type", "object"},
          {"required", {"type", "geometry", "properties"}},
          {"properties",
           {{"type", {{"type", "string"}, {"enum", {"Feature"}}}},
            {"id", {{"type", "integer"}}},
            {"geometry", reference("schemas", "geometry")},
            {"properties", {{"type", "object"}, {"nullable", true}}},
            {"links", links}}}}},
        {"featureCollection",
         {{"type", "object"},
          {"required", {"type", "features"}},
          {"properties",
           {{"type", {{"type", "string"}, {"enum", {"FeatureCollection"}}}},
            {"features", {{"type", "array"}, {"items", reference("schemas", "feature")}}},
            {"links", links},
            {"timeStamp", {{"type", "string"}, {"format", "date-time"}}},
            {"numberMatched", {{"type", "integer"}, {"minimum", 0}}},
            {"numberReturned", {{"type", "integer"}, {"minimum", 0}}}}}}},
        {"problem",
         {{"type", "object"}, {"properties", {{"type", text}, {"title", text}, {"status", {{"type", "integer"}}}, {"detail", text}, {"instance", text}}}}}};

    Json crs_names{{"type", "string"}, {"format", "uri"}, {"default", kCrs84}};
    for (auto const& system : gis_core::crs::reference_systems()) crs_names["enum"].push_back(system.uri);
    Json parameters{
        {"f", parameter("f", "Representation; without it, Accept decides", {{"type", "string"}, {"enum", {"json", "html"}}})},
        {"file", parameter("f", "Representation; a file holds the whole filtered list (limit, where given, shortens it)",
                           {{"type", "string"}, {"enum", {"json", "html", "jsonfg", "csv", "geojson", "xlsx", "gpkg", "fgb", "kml"}}})},
        {"item_f", parameter("f", "Representation; without it, Accept decides", {{"type", "string"}, {"enum", {"json", "html", "jsonfg"}}})},
        {"profile", parameter("profile",
                              "rfc7946 with GeoJSON; jsonfg (the place in the CRS asked) or jsonfg-plus (also in CRS84) with JSON-FG; by name or by address in "
                              "OGC's register. The first that the representation has is taken.",
                              {{"type", "array"}, {"items", text}})},
        {"bbox-crs", parameter("bbox-crs", "CRS of bbox, whose axis order it has; without it, CRS84", crs_names)},
        {"filter", parameter("filter", "A CQL2 condition over the queryables (OGC 21-065r2)", text)},
        {"filter-lang", parameter("filter-lang", "The notation of filter; cql-text, the name in drafts, is taken as cql2-text",
                                  {{"type", "string"}, {"enum", {"cql2-text", "cql2-json", "cql-text"}}, {"default", "cql2-text"}})},
        {"filter-crs", parameter("filter-crs", "CRS of the geometries in filter; without it, CRS84", crs_names)},
        {"sortby", parameter("sortby", "Sortables, separated by commas, each with - before it to fall; what is null comes last", text)},
        {"properties", parameter("properties", "The properties to return, separated by commas", text)},
        {"skipGeometry", parameter("skipGeometry", "true: features come without geometry", {{"type", "boolean"}, {"default", false}})},
        {"lang", parameter("lang", "Language of titles; without it, Accept-Language decides", {{"type", "string"}, {"enum", {"vi", "en"}}})},
        {"bbox", parameter("bbox",
                           "West, south, east, north in degrees (CRS84); with heights third and sixth, which are left aside. West greater than east crosses "
                           "the antimeridian.",
                           {{"type", "array"},
                            {"oneOf", Json::array({{{"minItems", 4}, {"maxItems", 4}}, {{"minItems", 6}, {"maxItems", 6}}})},
                            {"items", {{"type", "number"}}}})},
        {"datetime",
         parameter("datetime", "Features valid on a day, at a moment or in an interval (RFC 3339; '..' for an open end); days of Asia/Ho_Chi_Minh", text)},
        {"limit", parameter("limit", "Features a page", {{"type", "integer"}, {"minimum", 1}, {"maximum", kMaximumLimit}, {"default", kDefaultLimit}})},
        {"after", parameter("after", "Given by the next link: features behind this place", text)},
        {"before", parameter("before", "Given by the prev link: features before this place", text)},
        {"crs",
         parameter("crs", "CRS of the answer, in its axis order (in files longitude or easting first); short names such as EPSG:9210 do as well", crs_names)}};

    auto const failure = [](char const* description) { return answer(description, {{"application/problem+json", "problem"}}); };
    Json document{{"openapi", "3.0.3"},
                  {"info",
                   {{"title", title_of_api(lang)},
                    {"version", "0.1.0"},
                    {"description", "OGC API - Features Parts 1, 2, 3 and 5 with CQL2; Tiles, Maps and Styles"},
                    {"license", {{"name", "See /ogc for the sources of the data"}}}}},
                  {"servers", Json::array({{{"url", base}}})},
                  {"tags", Json::array({{{"name", "OGC API - Features"}}})},
                  {"paths", paths},
                  {"components",
                   {{"schemas", schemas},
                    {"parameters", parameters},
                    {"responses",
                     {{"invalid", failure("A parameter is unknown or wrong; errors[] names it")},
                      {"missing", failure("No such feature")},
                      {"not_acceptable", failure("None of the representations is accepted")},
                      {"failed", failure("What went wrong")}}}}}};
    add_tile_paths(document, lang);
    return document;
}

}  // namespace api::ogc
