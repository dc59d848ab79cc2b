#include "gis_core/json.hpp"
#include "programme/dictionary/dictionary.hpp"

namespace programme::dictionary {
namespace {

using gis_core::Json;

Json position() {
    return {{"type", "array"},
            {"prefixItems", Json::array({{{"type", "number"}, {"minimum", -180}, {"maximum", 180}}, {{"type", "number"}, {"minimum", -90}, {"maximum", 90}}})},
            {"items", {{"type", "number"}}},
            {"minItems", 2}};
}

Json geometry(char const* type, Json coordinates) {
    return {{"type", "object"}, {"properties", {{"type", {{"const", type}}}, {"coordinates", std::move(coordinates)}}}, {"required", {"type", "coordinates"}}};
}

Json list_of(Json items, int at_least) { return {{"type", "array"}, {"items", std::move(items)}, {"minItems", at_least}}; }

/// What a value must be, without the words about it.
Json value_schema(Field const& field) {
    switch (field.type) {
    case FieldType::text: return {{"type", "string"}, {"minLength", 1}};
    case FieldType::integer: return {{"type", "integer"}};
    case FieldType::decimal: return {{"type", "number"}};
    case FieldType::boolean: return {{"type", "boolean"}};
    case FieldType::date: return {{"type", "string"}, {"format", "date"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}};
    case FieldType::timestamp: return {{"type", "string"}, {"format", "date-time"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T"}};
    case FieldType::file: return {{"type", "string"}, {"pattern", "^[0-9a-f]{64}$"}};
    case FieldType::point: return geometry("Point", position());
    case FieldType::multipolygon: return geometry("MultiPolygon", list_of(list_of(list_of(position(), 4), 1), 1));
    case FieldType::enumeration: {
        auto codes = Json::array();
        for (auto const& code : field.list->codes) codes.push_back({{"const", code.code}, {"title", code.label.vi}, {"description", code.label.en}});
        return {{"oneOf", std::move(codes)}};
    }
    }
    return Json::object();
}

/// The same, or null.
Json or_null(Json schema) {
    if (schema.contains("oneOf")) {
        schema["oneOf"].push_back({{"type", "null"}});
    } else {
        schema["type"] = Json::array({schema["type"], "null"});
    }
    return schema;
}

}  // namespace

std::string json_schema(Dictionary const& dictionary, std::string_view id) {
    auto const& entity = dictionary.entity(id);
    auto properties = Json::object();
    auto required = Json::array();
    properties[entity.key] = {{"title", "Khóa"}, {"description", "Key"}, {"type", "integer"}, {"readOnly", true}};
    properties["external_id"] = {
        {"title", "Mã của nơi gửi"}, {"description", "The sender's id of this row; sent again it changes the row"}, {"type", Json::array({"string", "null"})}};
    properties["version"] = {{"title", "Phiên bản"}, {"description", "Version of this row"}, {"type", "integer"}, {"minimum", 1}, {"readOnly", true}};
    if (entity.parent) {
        auto const& parent = dictionary.entity(entity.parent->entity);
        properties[entity.parent->column] = {{"title", parent.title.vi}, {"description", parent.title.en}, {"type", "integer"}, {"x-entity", parent.id}};
    }
    for (auto const* field : entity.fields) {
        Json property{{"title", field->label.vi}, {"description", field->label.en}};
        property.update(field->is_required ? value_schema(*field) : or_null(value_schema(*field)));
        if (field->is_derived) property["readOnly"] = true;
        if (!field->unit.empty()) property["x-unit"] = field->unit;
        if (!field->note.empty()) property["$comment"] = field->note;
        property["x-field"] = field->number;
        property["x-visibility"] = to_string(field->visibility);
        property["x-personal"] = to_string(field->personal);
        property["x-source"] = field->source;
        properties[field->column] = std::move(property);
        if (field->is_required) required.push_back(field->column);
    }
    Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                {"$id", "/api/schemas/" + entity.id},
                {"title", entity.title.vi},
                {"description", entity.title.en},
                {"type", "object"},
                {"properties", std::move(properties)},
                {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = std::move(required);
    return gis_core::to_text(schema);
}

}  // namespace programme::dictionary
