#include "api/records/features.hpp"

#include "api/accounts/gate.hpp"
#include "api/ogc/documents.hpp"
#include "api/ogc/item_query.hpp"
#include "api/rest/private_answer.hpp"
#include "gis_core/crs/reference_system.hpp"
#include "gis_core/crs/vn2000.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/dictionary/dictionary.hpp"

#include <fmt/format.h>

#include <tuple>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using ogc::Link;
using programme::dictionary::Entity;

constexpr auto kRoot = "/ogc/record";
constexpr auto kFeature = "application/geo+json";
constexpr int kMostRows = 1000;  // of a page of Records

std::string collection_address(http::Request const& request, Entity const& entity) {
    return fmt::format("{}{}/collections/{}", request.base_url(), kRoot, entity.id);
}

http::Response answer(int status, Json const& document, char const* type = ogc::kJson) {
    auto response = http::Response::text(status, type, gis_core::to_text(document) + "\n");
    response.headers.add("Cache-Control", "no-store");
    return response;
}

/// The request that Records reads: the same person and headers, another body and type.
http::Request inner(http::Request const& request, std::string body = {}, std::string_view type = "application/json") {
    http::Request copy = request;
    copy.headers = {};
    for (auto const& [name, value] : request.headers) {
        if (name != "Content-Type" && name != "content-type") copy.headers.add(name, value);
    }
    copy.headers.add("Content-Type", std::string{type});
    copy.query = {};
    copy.body = std::move(body);
    return copy;
}

std::string const& body_text(http::Response const& response) { return std::get<std::string>(response.body); }

/// A row of the record as a feature.
Json feature_of(Entity const& entity, Json row) {
    auto const& place = entity.place()->column;
    Json feature{{"type", "Feature"}, {"id", row.at(entity.key)}};
    feature["geometry"] = row.contains(place) ? row[place] : Json(nullptr);
    row.erase(entity.key);
    row.erase(place);
    feature["properties"] = std::move(row);
    return feature;
}

/// What Records answered about one row, as a feature with the same status and headers.
http::Response as_feature(http::Request const& request, Entity const& entity, http::Response response, bool is_new = false) {
    if (response.status != 200 && response.status != 201) return response;
    auto row = gis_core::parse_json(body_text(response), "row");
    row.erase("overlaps");
    auto feature = feature_of(entity, std::move(row));
    auto const self = fmt::format("{}/items/{}", collection_address(request, entity), feature["id"].dump());
    feature["links"] = ogc::to_json({{"self", kFeature, "", self}, {"collection", ogc::kJson, "", collection_address(request, entity)}});
    http::Response made = answer(response.status, feature, kFeature);
    for (auto const& [name, value] : response.headers) {
        if (name == "ETag") made.headers.add(name, value);
    }
    made.headers.add("Content-Crs", fmt::format("<{}>", ogc::kCrs84));
    if (is_new) made.headers.add("Location", self);
    return made;
}

/// RFC 8288 of Part 4: the body's CRS is said by a header; Records takes VN-2000 by the geometry's own member.
void set_crs(http::Request const& request, Json& geometry) {
    auto const header = request.header_or("Content-Crs", "");
    if (header.empty() || !geometry.is_object()) return;
    auto name = header;
    if (name.starts_with('<') && name.ends_with('>')) name = name.substr(1, name.size() - 2);
    auto const* const system = gis_core::crs::find_reference_system(name);
    bool const is_vn2000 = system != nullptr && gis_core::crs::find_vn2000(system->epsg) && !system->is_geographic;
    if (system == nullptr || (system->epsg != 0 && !is_vn2000)) {
        throw gis_core::invalid_field("Content-Crs", header, "OGC:CRS84, or VN-2000 in metres (EPSG:9210, 9209, 3405)");
    }
    if (is_vn2000) geometry["crs"] = fmt::format("EPSG:{}", system->epsg);
}

/// The values of a feature as Records takes them. whole: a feature; else a merge patch of one (RFC 7396).
std::string row_of(http::Request const& request, Entity const& entity, bool whole) {
    auto const type = request.header_or("Content-Type", "");
    bool const is_patch = type.starts_with("application/merge-patch+json");
    if (!type.starts_with(kFeature) && !type.starts_with("application/json") && (whole || !is_patch)) {
        throw Error{ErrorKind::unsupported_media, fmt::format("the body is {}, must be {}", type.empty() ? "of no type" : type.substr(0, 80),
                                                              whole ? "application/geo+json" : "application/merge-patch+json")};
    }
    auto const feature = gis_core::parse_json(request.body, "body");
    if (!feature.is_object()) throw gis_core::invalid_field("body", feature.type_name(), "a GeoJSON feature");
    if (whole && feature.value("type", Json(nullptr)) != "Feature")
        throw gis_core::invalid_field("type", feature.value("type", Json(nullptr)).dump(), "Feature");
    auto row = Json::object();
    if (auto const properties = feature.find("properties"); properties != feature.end() && properties->is_object()) {
        for (auto const& [name, value] : properties->items()) {
            if (name == entity.place()->column) throw gis_core::invalid_field("properties/" + name, "a place", "the place as the feature's geometry");
            auto const* const field = entity.find(name);
            bool const is_link = (entity.parent && entity.parent->column == name) || (name == "producer_key" && programme::access::names_producer(entity));
            bool const is_ours = programme::dictionary::is_technical(name) && name != "external_id" && !is_link;
            if (is_ours || (field != nullptr && field->is_derived)) continue;  // what was read can be sent back
            row[name] = value;
        }
    } else if (whole || properties != feature.end()) {
        throw gis_core::invalid_field("properties", "no object", "an object of the collection's properties");
    }
    if (auto const geometry = feature.find("geometry"); geometry != feature.end()) {
        auto place = *geometry;
        set_crs(request, place);
        row[entity.place()->column] = std::move(place);
    }
    return gis_core::to_text(row);
}

Json collection_document(http::Request const& request, Entity const& entity, bool may_write) {
    auto const self = collection_address(request, entity);
    Json document{
        {"id", entity.id}, {"title", entity.title.vi}, {"description", entity.title.en}, {"itemType", "feature"}, {"crs", Json::array({ogc::kCrs84})}};
    document["x-may-write"] = may_write;
    document["links"] = ogc::to_json({{"self", ogc::kJson, "", self},
                                      {"items", kFeature, "", self + "/items"},
                                      {"describedby", ogc::kSchema, "", self + "/schema"},
                                      {ogc::kSchemaRelation, ogc::kSchema, "", self + "/schema"},
                                      {"http://www.opengis.net/def/rel/ogc/1.0/queryables", ogc::kSchema, "", self + "/schema"}});
    return document;
}

/// Part 5: what a feature of the collection returns and what it may be sent with. What is only returned is readOnly.
Json feature_schema(Json document, Entity const& entity, std::string const& role, bool may_write) {
    auto& properties = document["properties"];
    for (auto const* field : entity.fields) {
        if (field->table != entity.table || !programme::access::may_see(*field, role)) {
            properties.erase(field->column);
            continue;
        }
        auto& property = properties[field->column];
        if (programme::dictionary::is_shape(*field)) {  // spatial properties have a format and no type
            property = {{"title", field->label.vi},
                        {"description", field->label.en},
                        {"format", field->type == programme::dictionary::FieldType::point ? "geometry-point" : "geometry-polygon-or-multipolygon"}};
            if (field->is_derived) property["readOnly"] = true;
        } else if (property.contains("oneOf")) {
            property["type"] = field->is_required ? Json("string") : Json::array({"string", "null"});
        }
    }
    properties[entity.key]["x-ogc-role"] = "id";
    properties[entity.place()->column]["x-ogc-role"] = "primary-geometry";
    if (programme::access::names_producer(entity))
        properties["producer_key"] = {{"title", "Chủ thể"}, {"description", "Producer"}, {"type", {"integer", "null"}}};
    for (auto const& [column, title, description] :
         {std::tuple{"created_at", "Tạo lúc", "Made at"}, {"updated_at", "Sửa lúc", "Changed at"}, {"retired_at", "Ngừng lúc", "Retired at"}})
        properties[column] = {{"title", title}, {"description", description}, {"type", {"string", "null"}}, {"format", "date-time"}, {"readOnly", true}};
    for (auto& [name, property] : properties.items()) {
        for (auto member = property.begin(); member != property.end();) {  // keywords of others than the standard's
            bool const is_ours = member.key().starts_with("x-") && !member.key().starts_with("x-ogc-");
            member = is_ours ? property.erase(member) : std::next(member);
        }
        if (!may_write) property["readOnly"] = true;
    }
    if (document.contains("required"))
        std::erase_if(document["required"].get_ref<Json::array_t&>(), [&](Json const& name) { return !properties.contains(name.get<std::string>()); });
    return document;
}

}  // namespace

bool RecordFeatures::is_collection(Entity const& entity, std::string const& role) const {
    if (entity.place() == nullptr || role.empty()) return false;
    auto const right = access_.right(entity.id, role);
    return right.may_read() && !right.is_masked;
}

RecordFeatures::Entity const& RecordFeatures::entity_of(http::Request const& request) {
    auto const who = gate_.require(request);
    auto const* const entity = dictionary_->find(request.value(0));
    if (entity == nullptr || !is_collection(*entity, who.role)) {
        throw Error{ErrorKind::not_found, fmt::format("the role {} has no collection {}; {}/collections lists what there is",
                                                      who.role.empty() ? "(none)" : who.role, request.value(0).substr(0, 60), kRoot)};
    }
    return *entity;
}

http::Response RecordFeatures::landing(http::Request const& request) {
    request.query.allow_only({"f"});
    gate_.require(request);
    auto const root = request.base_url() + kRoot;
    return answer(200, {{"title", "Hồ sơ dữ liệu OCOP theo vai trò"},
                        {"description", "The record as the acting role reads and writes it: OGC API - Features Parts 1 and 4"},
                        {"links", ogc::to_json({{"self", ogc::kJson, "", root},
                                                {"service-desc", ogc::kOpenApi, "", root + "/api"},
                                                {"conformance", ogc::kJson, "", root + "/conformance"},
                                                {"data", ogc::kJson, "", root + "/collections"}})}});
}

http::Response RecordFeatures::conformance(http::Request const& request) {
    request.query.allow_only({"f"});
    gate_.require(request);
    auto classes = Json::array();
    for (auto const* name : {"1/1.0/conf/core", "1/1.0/conf/geojson", "1/1.0/conf/oas30", "4/1.0/conf/create-replace-delete", "4/1.0/conf/update",
                             "4/1.0/conf/features", "4/1.0/conf/optimistic-locking-etags", "5/1.0/conf/schemas", "5/1.0/conf/returnables-and-receivables"}) {
        classes.push_back(fmt::format("http://www.opengis.net/spec/ogcapi-features-{}", name));
    }
    return answer(200, {{"conformsTo", std::move(classes)}});
}

http::Response RecordFeatures::definition(http::Request const& request) {
    request.query.allow_only({"f"});
    auto const who = gate_.require(request);
    auto const operation = [](std::string const& id, char const* summary, char const* status, bool has_body) {
        Json one{{"operationId", id}, {"summary", summary}, {"responses", {{status, {{"description", summary}}}, {"default", {{"description", "RFC 9457"}}}}}};
        if (has_body) one["requestBody"] = {{"required", true}, {"content", {{kFeature, {{"schema", {{"type", "object"}}}}}}}};
        return one;
    };
    Json paths = Json::object();
    for (auto const& [path, id] : {std::pair{"", "landing"}, {"/conformance", "conformance"}, {"/api", "api"}, {"/collections", "collections"}}) {
        paths[std::string{kRoot} + path] = {{"get", operation(std::string{"record_"} + id, id, "200", false)}};
    }
    for (auto const& entity : dictionary_->entities()) {
        if (!is_collection(entity, who.role)) continue;
        auto const path = fmt::format("{}/collections/{}", kRoot, entity.id);
        paths[path] = {{"get", operation("describe_" + entity.id, entity.title.vi.c_str(), "200", false)}};
        paths[path + "/schema"] = {{"get", operation("schema_" + entity.id, "JSON Schema", "200", false)}};
        auto items = Json{{"get", operation("items_" + entity.id, "A page of features", "200", false)}};
        Json const text{{"type", "string"}}, numbers{{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 4}, {"maxItems", 4}};
        for (auto const& [name, schema] : {std::pair{"bbox", numbers},
                                           {"datetime", text},
                                           {"limit", Json{{"type", "integer"}, {"minimum", 1}, {"maximum", kMostRows}, {"default", 50}}},
                                           {"after", text}})
            items["get"]["parameters"].push_back(
                {{"name", name}, {"in", "query"}, {"required", false}, {"style", "form"}, {"explode", false}, {"schema", schema}});
        auto item = Json{{"get", operation("item_" + entity.id, "One feature; its ETag is its version", "200", false)}};
        if (access_.right(entity.id, who.role).may_write) {
            items["post"] = operation("create_" + entity.id, "Create; Location names the feature", "201", true);
            item["put"] = operation("replace_" + entity.id, "Replace; If-Match", "200", true);
            item["patch"] = operation("update_" + entity.id, "Merge patch; If-Match", "200", true);
            item["delete"] = operation("delete_" + entity.id, "Retire; If-Match", "204", false);
        }
        paths[path + "/items"] = std::move(items);
        item["parameters"] = Json::array({{{"name", "featureId"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "integer"}}}}});
        paths[path + "/items/{featureId}"] = std::move(item);
    }
    return answer(200, {{"openapi", "3.0.3"}, {"info", {{"title", "ocopmap: the record"}, {"version", "0.1.0"}}}, {"paths", std::move(paths)}}, ogc::kOpenApi);
}

http::Response RecordFeatures::collections(http::Request const& request) {
    request.query.allow_only({"f"});
    auto const who = gate_.require(request);
    auto all = Json::array();
    for (auto const& entity : dictionary_->entities()) {
        if (is_collection(entity, who.role)) all.push_back(collection_document(request, entity, access_.right(entity.id, who.role).may_write));
    }
    return answer(200, {{"links", ogc::to_json({{"self", ogc::kJson, "", fmt::format("{}{}/collections", request.base_url(), kRoot)}})},
                        {"collections", std::move(all)}});
}

http::Response RecordFeatures::collection(http::Request const& request) {
    request.query.allow_only({"f"});
    auto const& entity = entity_of(request);
    return answer(200, collection_document(request, entity, access_.right(entity.id, gate_.require(request).role).may_write));
}

http::Response RecordFeatures::schema(http::Request const& request) {
    request.query.allow_only({"f"});
    auto const& entity = entity_of(request);
    auto const role = gate_.require(request).role;
    auto document = feature_schema(gis_core::parse_json(programme::dictionary::json_schema(*dictionary_, entity.id), "schema"), entity, role,
                                   access_.right(entity.id, role).may_write);
    document["$id"] = collection_address(request, entity) + "/schema";
    return answer(200, document, ogc::kSchema);
}

http::Response RecordFeatures::items(http::Request const& request) {
    auto const& entity = entity_of(request);
    // What Records filters by, without the parameters of form.
    auto asked = inner(request);
    std::string raw;
    for (auto const& [name, value] : request.query) {
        if (name == "f") {
            if (value != "json") throw gis_core::invalid_field("f", value, "json");
            continue;
        }
        if (name == "datetime") {  // rows of the record have no time of their own: any matches
            ogc::parse_datetime(value);
            continue;
        }
        auto const passed = name == "limit" ? std::to_string(ogc::parse_limit(value, kMostRows)) : value;
        raw += (raw.empty() ? "" : "&") + ogc::percent_encode(name) + "=" + ogc::percent_encode(passed);
    }
    asked.query = http::Query::parse(raw);
    auto const found = records_->list(asked);
    auto page = gis_core::parse_json(body_text(found), "page");
    auto features = Json::array();
    for (auto& row : page["items"]) features.push_back(feature_of(entity, std::move(row)));
    auto const returned = features.size();
    std::vector<Link> links{{"self", kFeature, "", ogc::with_parameters(request, {})}, {"collection", ogc::kJson, "", collection_address(request, entity)}};
    if (page.contains("next")) {
        auto const next = page["next"].get<std::string>();
        auto const at = next.rfind("after=");
        links.push_back({"next", kFeature, "", ogc::with_parameters(request, {{"after", next.substr(at + 6, next.find('&', at) - at - 6)}})});
    }
    auto response = answer(200,
                           {{"type", "FeatureCollection"},
                            {"features", std::move(features)},
                            {"numberMatched", page["total"]},
                            {"numberReturned", returned},
                            {"links", ogc::to_json(links)}},
                           kFeature);
    response.headers.add("Content-Crs", fmt::format("<{}>", ogc::kCrs84));
    return response;
}

http::Response RecordFeatures::item(http::Request const& request) {
    auto const& entity = entity_of(request);
    auto response = records_->read(inner(request));
    if (response.status == 200 && !gis_core::parse_json(body_text(response), "row").value("retired_at", Json(nullptr)).is_null()) {
        throw Error{ErrorKind::not_found, fmt::format("this feature is retired; /api/records/{}/{} still shows it", entity.id, request.value(1))};
    }
    return as_feature(request, entity, std::move(response));
}

http::Response RecordFeatures::create(http::Request const& request) {
    auto const& entity = entity_of(request);
    return as_feature(request, entity, records_->create(inner(request, row_of(request, entity, true))), true);
}

http::Response RecordFeatures::change(http::Request const& request, bool whole) {
    auto const& entity = entity_of(request);
    auto const asked = inner(request, row_of(request, entity, whole), whole ? "application/json" : "application/merge-patch+json");
    return as_feature(request, entity, whole ? records_->replace(asked) : records_->patch(asked));
}

http::Response RecordFeatures::remove(http::Request const& request) {
    entity_of(request);
    return records_->retire(inner(request));
}

}  // namespace api
