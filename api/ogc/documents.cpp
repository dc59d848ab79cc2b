#include "api/ogc/documents.hpp"

#include "gis_core/io/table_file.hpp"

#include <fmt/format.h>

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
    static std::vector<std::string> const classes{
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson"};
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
    return {{"title", title_of_api(lang)},
            {"description", say(lang, "Ranh giới, vùng nguyên liệu, chủ thể, sản phẩm và điểm bán OCOP theo ngày bất kỳ. ",
                                "Boundaries, raw-material zones, producers, products and sales points of OCOP on any date. ") +
                                note.text(lang)},
            {"links", to_json({{"self", kJson, say(lang, "Trang này", "This page"), ogc + "?f=json"},
                               {"alternate", kHtml, say(lang, "Trang này dạng HTML", "This page as HTML"), ogc + "?f=html"},
                               {"service-desc", kOpenApi, say(lang, "Mô tả OpenAPI 3.0", "OpenAPI 3.0 description"), ogc + "/api"},
                               {"service-doc", kHtml, say(lang, "Mô tả cho người đọc", "Description for people"), ogc + "/api?f=html"},
                               {"conformance", kJson, say(lang, "Các lớp tuân thủ", "Conformance classes"), ogc + "/conformance"},
                               {"data", kJson, say(lang, "Các tập dữ liệu", "Collections"), ogc + "/collections"}})}};
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
    described["crs"] = Json::array({kCrs84});
    described["storageCrs"] = kCrs84;
    std::vector<Link> links{{"self", kJson, in(lang, layer.title), self + "?f=json"},
                            {"alternate", kHtml, in(lang, layer.title), self + "?f=html"},
                            {"items", kGeoJson, in(lang, layer.title) + " (GeoJSON)", self + "/items?f=json"},
                            {"items", kHtml, in(lang, layer.title) + " (HTML)", self + "/items?f=html"},
                            {"http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json", say(lang, "Các thuộc tính lọc được", "Queryables"),
                             self + "/queryables"}};
    using gis_core::io::FileFormat;
    for (auto const format : {FileFormat::csv, FileFormat::xlsx, FileFormat::gpkg, FileFormat::fgb, FileFormat::kml}) {
        std::string const name = gis_core::io::file_extension(format);
        links.push_back({"enclosure", gis_core::io::media_type(format), in(lang, layer.title) + " (" + name + ")", self + "/items?f=" + name});
    }
    described["links"] = to_json(links);
    return described;
}

Json queryables(std::string const& base, std::string_view lang, Layer const& layer) {
    Json fields = Json::object();
    fields[layer.geometry_column] = {{"title", say(lang, "Hình học (lọc bằng bbox)", "Geometry (filter with bbox)")}, {"format", "geometry-any"}};
    for (auto const* attribute : properties(layer)) {
        if (!attribute->is_queryable) continue;
        fields[attribute->name] = schema_of(attribute->type);
        fields[attribute->name]["title"] = in(lang, attribute->title);
    }
    return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
            {"$id", base + "/ogc/collections/" + layer.id + "/queryables"},
            {"type", "object"},
            {"title", in(lang, layer.title)},
            {"properties", fields},
            {"additionalProperties", false}};
}

Json openapi(std::string const& base, std::string_view lang, gis_core::layers::Catalogue const& catalogue) {
    Json const pages = Json::array({reference("parameters", "f"), reference("parameters", "lang")});
    Json paths = Json::object();
    paths["/ogc"] = operation("getLandingPage", "Landing page", pages, answer("Links to everything else", {{kJson, "landingPage"}, {kHtml, ""}}), false);
    paths["/ogc/conformance"] = operation("getConformance", "Conformance classes", pages, answer("The classes", {{kJson, "confClasses"}, {kHtml, ""}}), false);
    paths["/ogc/api"] = operation("getApi", "This document", pages, answer("OpenAPI 3.0", {{kOpenApi, "object"}, {kHtml, ""}}), false);
    paths["/ogc/collections"] = operation("getCollections", "Collections", pages, answer("All collections", {{kJson, "collections"}, {kHtml, ""}}), false);
    for (auto const& layer : catalogue.layers()) {
        auto const path = "/ogc/collections/" + layer.id;
        auto const& title = in(lang, layer.title);
        paths[path] = operation("describe_" + layer.id, title, pages, answer("The collection", {{kJson, "collection"}, {kHtml, ""}}), false);
        paths[path + "/queryables"] = operation("queryables_" + layer.id, title + ": queryables", Json::array({reference("parameters", "lang")}),
                                                answer("JSON Schema", {{"application/schema+json", "object"}}), false);
        Json filters = Json::array({reference("parameters", "bbox"), reference("parameters", "limit"), reference("parameters", "datetime"),
                                    reference("parameters", "after"), reference("parameters", "before"), reference("parameters", "crs"),
                                    reference("parameters", "file"), reference("parameters", "lang")});
        for (auto const* attribute : properties(layer)) {
            if (attribute->is_queryable) filters.push_back(parameter(attribute->name, in(lang, attribute->title), schema_of(attribute->type)));
        }
        auto ok = answer("A page of features", {{kGeoJson, "featureCollection"}, {kHtml, ""}});
        using gis_core::io::FileFormat;
        for (auto const format : {FileFormat::csv, FileFormat::xlsx, FileFormat::gpkg, FileFormat::fgb, FileFormat::kml}) {
            ok["content"][gis_core::io::media_type(format)] = {{"schema", {{"type", "string"}, {"format", "binary"}}}};
        }
        paths[path + "/items"] = operation("items_" + layer.id, title, filters, ok, false);
        Json one = pages;
        one.insert(one.begin(), Json{{"name", "featureId"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "integer"}, {"format", "int64"}}}});
        paths[path + "/items/{featureId}"] = operation("item_" + layer.id, title, one, answer("The feature", {{kGeoJson, "feature"}, {kHtml, ""}}), true);
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

    Json parameters{
        {"f", parameter("f", "Representation; without it, Accept decides", {{"type", "string"}, {"enum", {"json", "html"}}})},
        {"file", parameter("f", "Representation; a file holds the whole filtered list (limit, where given, shortens it)",
                           {{"type", "string"}, {"enum", {"json", "html", "csv", "geojson", "xlsx", "gpkg", "fgb", "kml"}}})},
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
        {"after", parameter("after", "Given by the next link: features after this id", {{"type", "integer"}, {"format", "int64"}})},
        {"before", parameter("before", "Given by the prev link: features before this id", {{"type", "integer"}, {"format", "int64"}})},
        {"crs", parameter("crs", "For csv, xlsx, gpkg and fgb: WGS 84, or VN-2000 in the province's projection",
                          {{"type", "string"}, {"enum", {"EPSG:4326", "EPSG:9210", "EPSG:9209"}}, {"default", "EPSG:4326"}})}};

    auto const failure = [](char const* description) { return answer(description, {{"application/problem+json", "problem"}}); };
    return {{"openapi", "3.0.3"},
            {"info",
             {{"title", title_of_api(lang)},
              {"version", "0.1.0"},
              {"description", "OGC API - Features Part 1: Core"},
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
}

}  // namespace api::ogc
