#include "programme/imports/columns.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

namespace programme::imports {
namespace {

using dictionary::Entity;
using dictionary::Field;
using dictionary::FieldType;
using gis_core::Json;

/// "Mã  đơn vị_hành chính" and "ma don vi hanh chinh" are one heading.
std::string heading_key(std::string_view text) {
    auto out = gis_core::text::fold(gis_core::text::to_nfc(text));
    std::replace(out.begin(), out.end(), '_', ' ');
    out.erase(std::unique(out.begin(), out.end(), [](char a, char b) { return a == ' ' && b == ' '; }), out.end());
    return out;
}

bool is_any(std::string_view text, std::initializer_list<std::string_view> of) { return std::find(of.begin(), of.end(), text) != of.end(); }

std::optional<double> to_number(std::string text) {
    if (std::count(text.begin(), text.end(), ',') == 1 && text.find('.') == std::string::npos) std::replace(text.begin(), text.end(), ',', '.');
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<long long> to_whole(std::string const& text) {
    long long value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// "30/06/2025", "2025/06/30" (as OGR says it) and "2025-06-30" begin a text; ISO, and how long it was.
std::optional<std::pair<std::string, std::size_t>> leading_day(std::string const& text) {
    int a = 0, b = 0, c = 0, end = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &a, &b, &c, &end) == 3 || std::sscanf(text.c_str(), "%4d/%2d/%2d%n", &a, &b, &c, &end) == 3) {
        if (a > 999) return std::pair{fmt::format("{:04}-{:02}-{:02}", a, b, c), static_cast<std::size_t>(end)};
    }
    if (std::sscanf(text.c_str(), "%2d/%2d/%4d%n", &a, &b, &c, &end) == 3 && c > 999)
        return std::pair{fmt::format("{:04}-{:02}-{:02}", c, b, a), static_cast<std::size_t>(end)};
    return std::nullopt;
}

std::string to_day(std::string const& text) {
    auto const day = leading_day(text);
    if (!day) return text;
    auto const rest = text.substr(day->second);
    return rest.empty() || is_any(rest, {" 00:00:00", "T00:00:00", " 00:00"}) ? day->first : text;
}

/// RFC 3339; a time without a zone is one of Vietnam, as spreadsheets know no zone.
std::string to_instant(std::string const& text) {
    auto const day = leading_day(text);
    if (!day) return text;
    auto rest = text.substr(day->second);
    if (rest.empty()) return day->first + "T00:00:00+07:00";
    if (rest.front() != ' ' && rest.front() != 'T') return text;
    rest.erase(0, 1);
    auto const zone_at = rest.find_first_of("+-Z");
    auto zone = zone_at == std::string::npos ? std::string{"+07:00"} : rest.substr(zone_at);
    auto clock = rest.substr(0, zone_at);
    if (zone.size() == 3) zone += ":00";  // PostgreSQL and OGR: +07
    if (zone.size() == 5 && zone.find(':') == std::string::npos) zone.insert(3, 1, ':');
    if (std::count(clock.begin(), clock.end(), ':') == 1) clock += ":00";
    return day->first + "T" + clock + zone;
}

/// The value as JSON of the field's type; what cannot be one stays a text, which read_values refuses in its own words.
Json to_json(Field const& field, std::string const& text) {
    switch (field.type) {
    case FieldType::integer:
        if (auto const number = to_whole(text)) return *number;
        return text;
    case FieldType::decimal:
        if (auto const number = to_number(text)) return *number;
        return text;
    case FieldType::boolean: {
        auto const word = gis_core::text::fold(text);
        if (is_any(word, {"co", "true", "yes", "1", "t"})) return true;
        if (is_any(word, {"khong", "false", "no", "0", "f"})) return false;
        return text;
    }
    case FieldType::enumeration: {
        if (field.list->find(text) != nullptr) return text;
        auto const word = heading_key(text);
        for (auto const& code : field.list->codes) {
            if (is_any(word, {heading_key(code.code), heading_key(code.label.vi), heading_key(code.label.en)})) return code.code;
        }
        return text;
    }
    case FieldType::date: return to_day(text);
    case FieldType::timestamp: return to_instant(text);
    default: return text;
    }
}

}  // namespace

Columns::Column Columns::recognise(dictionary::Dictionary const& dictionary, std::string const& name, std::string_view role) {
    auto const key = heading_key(name);
    auto const is = [&](std::string_view text) { return key == heading_key(text); };
    if (is("external_id") || is("Mã dòng") || is("Row code")) return {Role::external_id, nullptr, "external_id"};
    if (is(kReportLine) || is(kReportReason)) return {};
    auto const linked = [&](std::string const& column, Entity const& entity) -> std::optional<Column> {
        auto const stem = column.substr(0, column.size() - std::string_view{"_key"}.size());
        if (is(column)) return Column{Role::key, nullptr, column};
        if (is(stem + "_external_id") || is("Mã dòng: " + entity.title.vi) || is("Row code: " + entity.title.en)) {
            references_.push_back({column, &entity});
            return Column{Role::reference, nullptr, column};
        }
        return std::nullopt;
    };
    if (entity_.parent) {
        if (auto const found = linked(entity_.parent->column, dictionary.entity(entity_.parent->entity))) return *found;
    }
    if (access::names_producer(entity_)) {
        if (auto const found = linked("producer_key", dictionary.entity("producers"))) return *found;
    }
    for (auto const by : {0, 1}) {  // a field's own name goes before another one's label
        for (auto const* field : entity_.fields) {
            if (by == 0 ? !is(field->column) : !is(field->label.vi) && !is(field->label.en)) continue;
            if (field->is_derived || field->table != entity_.table) return {};  // as it was read
            if (!access::may_see(*field, role)) continue;
            if (dictionary::is_shape(*field)) continue;  // comes as geometry
            return {Role::field, field, field->column};
        }
    }
    for (auto const* field : entity_.fields) {
        if (field->type != FieldType::point || field->is_derived || field->table != entity_.table || !access::may_see(*field, role)) continue;
        for (auto const& label : {field->label.vi, field->column}) {
            if (is(label + ": kinh độ") || is(label + ": longitude")) return {Role::longitude, field, field->column};
            if (is(label + ": vĩ độ") || is(label + ": latitude")) return {Role::latitude, field, field->column};
        }
    }
    if (auto const* place = entity_.place(); place != nullptr && place->type == FieldType::point) {
        if (is_any(key, {"lon", "lng", "long", "longitude", "kinh do", "easting", "east", "x", "lat", "latitude", "vi do", "northing", "north", "y"}))
            return {};  // FeatureReader makes the geometry of them
    }
    if (dictionary::is_technical(name) || name == entity_.key || is_any(name, {"fid", "ogc_fid", "id", "overlaps"})) return {};
    throw gis_core::invalid_field(name, name, "a field");
}

Columns::Columns(dictionary::Dictionary const& dictionary, Entity const& entity, std::string_view role, std::vector<std::string> const& fields,
                 std::map<std::string, std::string> const& renamed, bool has_geometry)
    : entity_{entity}, names_{fields} {
    std::vector<gis_core::FieldError> wrong;
    for (auto const& [from, to] : renamed) {
        if (std::find(fields.begin(), fields.end(), from) == fields.end())
            wrong.push_back({"map", from + "=" + to, fmt::format("a column of the file: {}", fmt::join(fields, ", "))});
    }
    std::vector<std::string> known{"external_id"};
    if (entity.parent) known.push_back(entity.parent->column);
    for (auto const* field : entity.fields) {
        if (!field->is_derived && field->table == entity.table && access::may_see(*field, role)) known.push_back(field->column);
    }
    std::set<std::string> taken;
    for (auto const& name : fields) {
        auto const other = renamed.find(name);
        auto const& said = other == renamed.end() ? name : other->second;
        Column column;
        try {
            if (said != "-") column = recognise(dictionary, said, role);
        } catch (gis_core::Error const&) {
            wrong.push_back(
                {name, said, fmt::format("one of {}, its label in Vietnamese or English, or map={}=- to leave it out", fmt::join(known, ", "), name)});
        }
        auto const part = column.role == Role::latitude ? column.column + "/lat" : column.role == Role::reference ? "@" + column.column : column.column;
        if (column.role != Role::ignored && !taken.insert(part).second)
            wrong.push_back({name, said, "each field once: another column of the file is it already"});
        if (!column.column.empty()) written_.insert(column.column);
        columns_.push_back(std::move(column));
    }
    if (auto const* place = entity.place(); place != nullptr && has_geometry) written_.insert(place->column);
    bool const none = std::all_of(columns_.begin(), columns_.end(), [](auto const& column) { return column.role == Role::ignored; });
    if (wrong.empty() && none) wrong.push_back({"file", fmt::format("{}", fmt::join(fields, ", ")), fmt::format("columns for {}", fmt::join(known, ", "))});
    if (!wrong.empty())
        throw gis_core::Error{gis_core::ErrorKind::invalid_argument,
                              wrong.size() == 1 ? fmt::format("the column {} is no field of {}", wrong.front().field, entity.id)
                                                : fmt::format("{} columns are no fields of {}", wrong.size(), entity.id),
                              wrong};
}

SentRow Columns::read(gis_core::io::Feature const& feature) const {
    SentRow row;
    row.body = Json::object();
    std::map<std::string, std::pair<std::string, std::string>> positions;  // column -> longitude, latitude
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!feature.values[i]) continue;
        auto const text = std::optional{gis_core::io::with_formula(*feature.values[i])};
        row.is_blank = false;
        auto const& column = columns_[i];
        switch (column.role) {
        case Role::ignored: break;
        case Role::external_id:
            row.external_id = *text;
            row.body["external_id"] = *text;
            break;
        case Role::reference: row.references[column.column] = *text; break;
        case Role::longitude: positions[column.column].first = *text; break;
        case Role::latitude: positions[column.column].second = *text; break;
        case Role::key:
            if (auto const key = to_whole(*text)) row.body[column.column] = *key;
            else row.body[column.column] = *text;
            break;
        case Role::field: row.body[column.column] = to_json(*column.field, *text); break;
        }
    }
    for (auto const& [column, position] : positions) {
        auto const coordinate = [](std::string const& text) {
            auto const number = to_number(text);
            return number ? Json(*number) : Json(text);
        };
        row.body[column] = {{"type", "Point"}, {"coordinates", Json::array({coordinate(position.first), coordinate(position.second)})}};
    }
    if (auto const* place = entity_.place(); place != nullptr && !feature.wkb_hex.empty()) {
        row.is_blank = false;
        row.body[place->column] = gis_core::io::to_geojson(feature.wkb_hex);
    }
    return row;
}

std::string Columns::cells(gis_core::io::Feature const& feature) const {
    std::string out = "[";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0) out += ',';
        bool const is_kept = columns_[i].field == nullptr || !dictionary::is_sealed(*columns_[i].field);
        if (feature.values[i] && is_kept) gis_core::append_json_string(out, *feature.values[i]);
        else out += "null";
    }
    return out + "]";
}

std::vector<std::string> Columns::fields() const {
    std::vector<std::string> out;
    for (auto const& column : columns_) out.push_back(column.column);
    return out;
}

}  // namespace programme::imports
