#include "programme/records/values.hpp"

#include "gis_core/crs/vn2000.hpp"
#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"
#include "programme/area.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

namespace programme::records {
namespace {

using dictionary::Entity;
using dictionary::Field;
using dictionary::FieldType;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::FieldError;
using gis_core::Json;

constexpr std::size_t kLongestText = 20'000;  // letters take up to four bytes: a story of ten pages

/// Thrown for one value, collected for all.
struct Refused {
    std::string allowed;
};

std::string brief(Json const& value) {
    auto text = value.is_string() ? value.get<std::string>() : gis_core::to_text(value);
    if (text.size() > 80) {
        std::size_t end = 77;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
        text = text.substr(0, end) + "…";
    }
    return text;
}

std::string clean_text(std::string const& text) {
    for (unsigned char const c : text) {
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) throw Refused{"text without control characters"};
    }
    if (text.size() > kLongestText) throw Refused{fmt::format("at most {} bytes, this has {}", kLongestText, text.size())};
    auto out = gis_core::text::to_nfc(text);
    if (out.empty()) throw Refused{"text, or null for none"};
    return out;
}

bool is_instant(std::string const& text) {  // RFC 3339
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, end = 0;
    double second = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lf%n", &year, &month, &day, &hour, &minute, &second, &end) != 6 || end < 19) return false;
    if (hour > 23 || minute > 59 || second >= 60) return false;
    auto const zone = std::string_view{text}.substr(static_cast<std::size_t>(end));
    bool const has_offset = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' && std::all_of(zone.begin(), zone.end(), [](char c) {
                                return std::isdigit(static_cast<unsigned char>(c)) || c == ':' || c == '+' || c == '-';
                            });
    return (zone == "Z" || has_offset) && gis_core::Date::parse(text.substr(0, 10)).has_value();
}

/// Coordinates in VN-2000 become longitude and latitude, whatever their nesting.
void transform(Json& coordinates, gis_core::crs::Vn2000Pipeline const& pipeline) {
    if (!coordinates.is_array()) throw Refused{"coordinates as nested lists of numbers"};
    if (coordinates.size() >= 2 && coordinates[0].is_number() && coordinates[1].is_number()) {
        double const east = coordinates[0], north = coordinates[1];
        if (east > 1'000'000 && north < 1'000'000) throw Refused{"easting first; X and Y look swapped (a survey's X is the northing)"};
        auto const position = pipeline.to_lon_lat({east, north});
        bool const is_there = position.lon > 101 && position.lon < 118 && position.lat > 5 && position.lat < 24;  // Vietnam with its islands
        if (!is_there) throw Refused{"easting and northing in metres of that meridian, as 565000, 1132000 in Bến Tre"};
        coordinates = Json::array({position.lon, position.lat});
        return;
    }
    for (auto& part : coordinates) transform(part, pipeline);
}

/// GeoJSON, in OGC:CRS84 unless the member crs names VN-2000 with its meridian ("EPSG:9210").
Json read_geometry(Json value) {
    if (!value.is_object() || !value.contains("type") || !value.contains("coordinates")) throw Refused{"a GeoJSON geometry with type and coordinates"};
    if (auto const crs = value.find("crs"); crs != value.end()) {
        constexpr char const* kForms = "OGC:CRS84, or VN-2000 with its meridian: EPSG:9210 (105°45'), EPSG:9209 (105°30'), EPSG:3405 …";
        if (!crs->is_string()) throw Refused{fmt::format("crs as text: {}", kForms)};
        auto const name = crs->get<std::string>();
        value.erase("crs");
        if (name != "OGC:CRS84" && name != "EPSG:4326") {
            int const epsg = name.starts_with("EPSG:") ? std::atoi(name.c_str() + 5) : 0;
            if (!gis_core::crs::find_vn2000(epsg)) throw Refused{fmt::format("crs {}", kForms)};
            try {
                transform(value["coordinates"], gis_core::crs::Vn2000Pipeline{epsg});
            } catch (Error const& error) {
                throw Refused{error.what()};
            }
        }
    }
    return value;
}

std::string read_point(Json const& sent) {
    auto const value = read_geometry(sent);
    auto const& at = value["coordinates"];
    if (value["type"] != "Point" || !at.is_array() || at.size() < 2 || !at[0].is_number() || !at[1].is_number()) throw Refused{"a GeoJSON Point"};
    double const lon = at[0], lat = at[1];
    if (std::abs(lat) > 90 && std::abs(lat) <= 180 && std::abs(lon) <= 90) throw Refused{"longitude first; these look swapped (longitude is about 106 here)"};
    if (!(std::abs(lon) <= 180) || !(std::abs(lat) <= 90)) throw Refused{"longitude -180 to 180, latitude -90 to 90"};
    return fmt::format("{{\"type\":\"Point\",\"coordinates\":[{},{}]}}", lon, lat);
}

std::string read_area(Json const& sent) {
    auto const value = read_geometry(sent);
    try {
        return parse_area(gis_core::to_text(value));
    } catch (Error const& error) {
        if (error.fields().empty()) throw Refused{error.what()};
        auto const& wrong = error.fields().front();
        throw Refused{wrong.field.starts_with("coordinates[") ? wrong.allowed + " at " + wrong.field : wrong.allowed};
    }
}

std::string read_one(Field const& field, Json const& value) {
    switch (field.type) {
    case FieldType::text:
        if (!value.is_string()) throw Refused{"text"};
        return clean_text(value.get<std::string>());
    case FieldType::enumeration: {
        if (value.is_string() && field.list->find(value.get<std::string>()) != nullptr) return value.get<std::string>();
        std::string codes;
        for (auto const& code : field.list->codes) codes += (codes.empty() ? "" : ", ") + code.code;
        throw Refused{"one of " + codes};
    }
    case FieldType::integer:
        if (!value.is_number_integer()) throw Refused{"a whole number"};
        return gis_core::to_text(value);
    case FieldType::decimal:
        if (!value.is_number()) throw Refused{"a number"};
        return gis_core::to_text(value);
    case FieldType::boolean:
        if (!value.is_boolean()) throw Refused{"true or false"};
        return value.get<bool>() ? "true" : "false";
    case FieldType::date:
        if (!value.is_string() || !gis_core::Date::parse(value.get<std::string>())) throw Refused{"a day that exists, as 2026-06-30"};
        return value.get<std::string>();
    case FieldType::timestamp:
        if (!value.is_string() || !is_instant(value.get<std::string>())) throw Refused{"a time with its zone, as 2026-06-30T08:30:00+07:00"};
        return value.get<std::string>();
    case FieldType::file: {
        auto const text = value.is_string() ? value.get<std::string>() : std::string{};
        if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
            throw Refused{"the SHA-256 of a stored file, 64 hexadecimal digits"};
        return text;
    }
    case FieldType::point: return read_point(value);
    case FieldType::multipolygon: return read_area(value);
    }
    throw Refused{"nothing"};
}

constexpr std::string_view kDot = "•";

bool is_masked(std::string_view text) { return text.starts_with(kDot); }

/// Digits alone, blanks between them forgiven.
std::string sealed_digits(Field const& field, Json const& value) {
    bool const is_identity = field.column.ends_with("_identity_no");
    std::string digits;
    if (value.is_string()) digits = value.get<std::string>();
    std::erase(digits, ' ');
    bool const are_digits = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!are_digits || (is_identity ? digits.size() != 12 && digits.size() != 9 : digits.size() != 10))
        throw Refused{is_identity ? "12 digits (căn cước) or 9 (the old card)" : "10 digits"};
    return digits;
}

std::string conversion_of(Field const& field) {
    if (dictionary::is_sealed(field)) return "decode({}, 'hex')";
    switch (field.type) {
    case FieldType::point: return "ST_SetSRID(ST_GeomFromGeoJSON({}), 4326)";
    case FieldType::multipolygon: return "ST_Multi(ST_SetSRID(ST_GeomFromGeoJSON({}), 4326))";
    default: return fmt::format("{{}}::{}", cast_of(field));
    }
}

}  // namespace

std::string_view cast_of(Field const& field) {
    switch (field.type) {
    case FieldType::integer: return "bigint";
    case FieldType::decimal: return "numeric";
    case FieldType::boolean: return "boolean";
    case FieldType::date: return "date";
    case FieldType::timestamp: return "timestamptz";
    default: return "text";
    }
}

std::string seal_owner(Field const& field) { return field.table + '.' + field.column; }

std::string masked(Field const& field, std::string const& sealed_hex, accounts::Vault const* vault) {
    constexpr std::size_t kShown = 3;
    std::string digits;
    try {
        if (vault != nullptr && vault->has_key()) digits = vault->open(sealed_hex, seal_owner(field));
    } catch (Error const&) {
        digits.clear();  // sealed under another key: the operator's restore, not the reader's mistake
    }
    std::string out;
    for (std::size_t i = kShown; i < std::max<std::size_t>(digits.size(), 12); ++i) out += kDot;
    return digits.size() > kShown ? out + digits.substr(digits.size() - kShown) : out;
}

std::vector<Value> read_values(Entity const& entity, Json const& sent, std::string_view role, bool whole, accounts::Vault const* vault) {
    if (!sent.is_object())
        throw Error{
            ErrorKind::invalid_argument, "the body must be a JSON object", {{"body", brief(sent), "an object as /api/schemas/" + entity.id + " describes it"}}};
    std::vector<FieldError> wrong;
    std::vector<Value> out;
    for (auto const& [name, value] : sent.items()) {
        auto const refuse = [&, &column = name, &given = value](std::string allowed) { wrong.push_back({column, brief(given), std::move(allowed)}); };
        if (name == "external_id") {
            if (!value.is_null() && (!value.is_string() || value.get<std::string>().empty() || value.get<std::string>().size() > 200))
                refuse("text of at most 200 bytes, or null");
            continue;
        }
        if (name == entity.key || name == "version" || name == "created_at" || name == "updated_at" || name == "retired_at") continue;  // as it was read
        if ((entity.parent && name == entity.parent->column) || (name == "producer_key" && access::names_producer(entity))) {
            if (!value.is_null() && (!value.is_number_integer() || value.get<long long>() < 1))
                refuse("the key of a row of " + (name == "producer_key" ? "producers" : entity.parent->entity));
            continue;
        }
        auto const* field = entity.find(name);
        if (field == nullptr || !access::may_see(*field, role)) refuse("a field of /api/schemas/" + entity.id);
    }
    auto const put = [&](std::string column, std::string conversion, std::optional<std::string> text) {
        out.push_back({std::move(column), std::move(conversion), std::move(text)});
    };
    auto const given = [&](std::string const& name) -> Json const* {
        auto const found = sent.find(name);
        return found == sent.end() ? nullptr : &*found;
    };
    if (auto const* id = given("external_id"); id != nullptr || whole)
        put("external_id", "{}::text", id != nullptr && id->is_string() ? std::optional{id->get<std::string>()} : std::nullopt);
    auto const put_key = [&](std::string const& column) {
        auto const* key = given(column);
        if (key != nullptr || whole) put(column, "{}::bigint", key != nullptr && !key->is_null() ? std::optional{gis_core::to_text(*key)} : std::nullopt);
    };
    if (entity.parent) put_key(entity.parent->column);
    if (access::names_producer(entity)) put_key("producer_key");
    for (auto const* field : entity.fields) {
        if (field->is_derived || !access::may_see(*field, role) || field->table != entity.table) continue;
        auto const* value = given(field->column);
        if (value == nullptr && !whole) continue;
        if (value == nullptr || value->is_null()) {
            if (field->is_required) wrong.push_back({field->column, "", "a value: " + dictionary::allowed_values(*field)});
            put(field->column, conversion_of(*field), std::nullopt);
            continue;
        }
        bool const is_sealed = dictionary::is_sealed(*field);
        if (is_sealed && value->is_string() && is_masked(value->get<std::string>())) continue;
        try {
            if (!is_sealed) {
                put(field->column, conversion_of(*field), read_one(*field, *value));
                continue;
            }
            auto const digits = sealed_digits(*field, *value);
            if (vault == nullptr || !vault->has_key()) throw Refused{"nothing: this service keeps no secrets, its operator did not set OCOPMAP_SECRET_KEY"};
            put(field->column, conversion_of(*field), vault->seal(digits, seal_owner(*field)));
        } catch (Refused const& refused) {
            wrong.push_back({field->column, is_sealed ? "…" : brief(*value), refused.allowed});
        }
    }
    if (!wrong.empty()) {
        auto const& first = wrong.front();
        throw Error{ErrorKind::invalid_argument,
                    wrong.size() == 1 ? fmt::format("{} is {}, must be {}", first.field, first.value.empty() ? "missing" : first.value, first.allowed)
                                      : fmt::format("{} fields are wrong", wrong.size()),
                    wrong};
    }
    return out;
}

Value read_condition(Field const& field, std::string const& name, std::string const& text) {
    bool const is_range = name.ends_with(".min") || name.ends_with(".max");
    auto const refuse = [&](std::string const& allowed) { throw gis_core::invalid_field(name, text, allowed); };
    bool const is_ordered =
        field.type == FieldType::integer || field.type == FieldType::decimal || field.type == FieldType::date || field.type == FieldType::timestamp;
    if (dictionary::is_sealed(field)) refuse("no condition: the number is kept sealed");
    if (is_range && !is_ordered) refuse("no range: only numbers, days and times have .min and .max");
    Json value = text;
    switch (field.type) {
    case FieldType::point:
    case FieldType::multipolygon: refuse("no condition; ask by bbox"); break;
    case FieldType::boolean: value = text == "true" ? Json(true) : text == "false" ? Json(false) : Json(text); break;
    case FieldType::integer:
    case FieldType::decimal: {
        char* end = nullptr;
        double const number = std::strtod(text.c_str(), &end);
        if (text.empty() || *end != '\0' || !std::isfinite(number)) refuse("a number");
        value = field.type == FieldType::integer && number == std::floor(number) ? Json(static_cast<long long>(number)) : Json(number);
        break;
    }
    default: break;
    }
    try {
        return {fmt::format("t.{} {}", field.column,
                            name.ends_with(".min")   ? ">="
                            : name.ends_with(".max") ? "<="
                                                     : "="),
                conversion_of(field), read_one(field, value)};
    } catch (Refused const& refused) {
        refuse(refused.allowed);
    }
    return {};
}

}  // namespace programme::records
