#include "api/workplace/words.hpp"

#include "gis_core/date.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

namespace api::workplace {

using gis_core::Json;
using pages::Texts;
using programme::dictionary::FieldType;

namespace {

constexpr char const* kHole = "lỗ";  // stands on a line of its own before the positions of a hole; "hole" is read too

std::string trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    auto const begin = text.find_first_not_of(kBlank);
    return begin == std::string_view::npos ? std::string{} : std::string{text.substr(begin, text.find_last_not_of(kBlank) - begin + 1)};
}

/// "1.234.567,5" where comma is the decimal sign, "1,234,567.5" where it is not; blanks group in both.
std::string plain_number(std::string typed, bool comma_is_decimal) {
    std::erase(typed, ' ');
    auto const group = comma_is_decimal ? '.' : ',', decimal = comma_is_decimal ? ',' : '.';
    auto const whole = typed.substr(0, typed.find(decimal));
    auto const at = whole.find(group);
    bool groups = at != std::string::npos && at <= 4 && !whole.starts_with("0") && (whole.size() - at) % 4 == 0;
    for (auto i = at; groups && i < whole.size(); i += 4) groups = whole[i] == group;
    if (groups) std::erase(typed, group);
    std::replace(typed.begin(), typed.end(), ',', '.');
    return typed;
}

std::optional<double> number_in(std::string text) {
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value) ? std::optional{value} : std::nullopt;
}

/// "106.375, 10.241", also with blanks or semicolons between, and with decimal commas where blanks part the two.
std::optional<std::pair<double, double>> position_in(std::string const& line) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < line.size();) {
        auto const end = std::min(line.find_first_of(" \t;", i), line.size());
        auto word = line.substr(i, end - i);
        if (word.ends_with(',')) word.pop_back();
        if (!word.empty()) words.push_back(std::move(word));
        i = end + 1;
    }
    if (words.size() == 1) {
        auto const comma = words[0].find(',');
        if (comma == std::string::npos) return std::nullopt;
        words.push_back(words[0].substr(comma + 1));
        words[0].resize(comma);
    }
    if (words.size() != 2) return std::nullopt;
    for (auto& word : words) std::replace(word.begin(), word.end(), ',', '.');
    auto const x = number_in(words[0]), y = number_in(words[1]);
    return x && y ? std::optional{std::pair{*x, *y}} : std::nullopt;
}

std::string position_text(Json const& at) { return fmt::format("{:.10g}, {:.10g}", at.at(0).get<double>(), at.at(1).get<double>()); }

std::string area_text(Json const& geometry) {
    std::string out;
    auto const polygons = geometry.at("type") == "Polygon" ? Json::array({geometry.at("coordinates")}) : geometry.at("coordinates");
    for (auto const& polygon : polygons) {
        for (std::size_t ring = 0; ring < polygon.size(); ++ring) {
            if (!out.empty()) out += '\n';
            if (ring > 0) out += std::string{kHole} + '\n';
            for (std::size_t i = 0; i + 1 < polygon[ring].size(); ++i) out += position_text(polygon[ring][i]) + '\n';  // the last is the first again
        }
    }
    return trimmed(out);
}

Json area_of(Texts const& t, Field const& field, std::string const& typed) {
    auto polygons = Json::array();
    Json ring = Json::array();
    bool is_hole = false;
    auto const end_ring = [&] {
        if (ring.empty()) return;
        if (ring.size() < 3) throw Wrong{field.column, t("work_wrong_ring", {{"n", std::to_string(ring.size())}})};
        if (ring.front() != ring.back()) ring.push_back(ring.front());
        if (is_hole && !polygons.empty()) polygons.back().push_back(std::move(ring));
        else polygons.push_back(Json::array({std::move(ring)}));
        ring = Json::array();
        is_hole = false;
    };
    std::size_t number = 0;
    for (std::size_t begin = 0; begin <= typed.size(); ++number) {
        auto const end = std::min(typed.find('\n', begin), typed.size());
        auto const line = trimmed(std::string_view{typed}.substr(begin, end - begin));
        begin = end + 1;
        if (line.empty()) {
            end_ring();
        } else if (line == kHole || line == "hole") {
            end_ring();
            is_hole = true;
        } else if (auto const at = position_in(line)) {
            ring.push_back(Json::array({at->first, at->second}));
        } else {
            throw Wrong{field.column, t("work_wrong_line", {{"n", std::to_string(number + 1)}, {"value", line.substr(0, 60)}})};
        }
    }
    end_ring();
    return {{"type", "MultiPolygon"}, {"coordinates", std::move(polygons)}};
}

}  // namespace

std::string const& in(Texts const& t, programme::dictionary::Text const& text) { return t.is_vietnamese() ? text.vi : text.en; }

std::string unit_of(Texts const& t, Field const& field) {
    auto const key = "measure_" + field.unit;
    return t.has(key) ? t(key) : field.unit;
}

std::string moment(std::string_view instant) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
    std::string const text{instant};
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) != 6) return text;
    auto const zone_at = text.find_first_of("Z+-", static_cast<std::size_t>(used));
    int offset_hours = 0, offset_minutes = 0;
    if (zone_at != std::string::npos && text[zone_at] != 'Z') {
        std::sscanf(text.c_str() + zone_at + 1, "%2d:%2d", &offset_hours, &offset_minutes);
        if (text[zone_at] == '-') offset_hours = -offset_hours, offset_minutes = -offset_minutes;
    }
    using namespace std::chrono;
    auto const utc = sys_days{std::chrono::year{year} / month / day} + hours{hour - offset_hours} + minutes{minute - offset_minutes};
    auto const here = utc + hours{7};
    auto const date = floor<days>(here);
    auto const since = duration_cast<minutes>(here - date).count();
    return fmt::format("{:02}:{:02} {}", since / 60, since % 60, gis_core::Date{date}.vietnamese());
}

std::string shown(Texts const& t, Field const& field, Json const& value) {
    if (value.is_null()) return {};
    auto const with_unit = [&](std::string text) { return field.unit.empty() || field.unit == "năm" ? text : text + ' ' + unit_of(t, field); };
    switch (field.type) {
    case FieldType::integer:
        if (!value.is_number()) break;
        return with_unit(field.unit.empty() || field.unit == "năm" ? gis_core::to_text(value) : t.number(value.get<std::int64_t>()));  // a year, a key, a code
    case FieldType::decimal:
        if (!value.is_number()) break;
        return with_unit(t.number(value.get<double>(), 6));
    case FieldType::boolean: return value.is_boolean() ? t(value.get<bool>() ? "work_yes" : "work_no") : gis_core::to_text(value);
    case FieldType::date: return value.is_string() ? Texts::date(value.get<std::string>()) : gis_core::to_text(value);
    case FieldType::timestamp: return value.is_string() ? moment(value.get<std::string>()) : gis_core::to_text(value);
    case FieldType::enumeration: {
        auto const code = value.is_string() ? value.get<std::string>() : gis_core::to_text(value);
        auto const* found = field.list->find(code);
        return found != nullptr ? in(t, found->label) : code;
    }
    case FieldType::file: return value.is_string() ? t("work_file", {{"name", value.get<std::string>().substr(0, 12)}}) : gis_core::to_text(value);
    case FieldType::point: return value.is_object() ? position_text(value.at("coordinates")) : std::string{};
    case FieldType::multipolygon: return {};
    case FieldType::text: break;
    }
    return value.is_string() ? value.get<std::string>() : gis_core::to_text(value);
}

std::string typed_of(Texts const& t, Field const& field, Json const& value) {
    if (value.is_null()) return {};
    switch (field.type) {
    case FieldType::decimal: {
        auto text = gis_core::to_text(value);
        if (text.ends_with(".0")) text.resize(text.size() - 2);
        if (t.is_vietnamese()) std::replace(text.begin(), text.end(), '.', ',');
        return text;
    }
    case FieldType::timestamp: {
        auto const text = value.get<std::string>();  // in the time of Vietnam, as the service's sessions read it
        auto local = text.substr(0, std::min(text.find_first_of("+Z", 10), text.size()));
        if (local.ends_with(":00") && local.size() == 19) local.resize(16);  // as browsers write whole minutes
        return local;
    }
    case FieldType::boolean: return value.get<bool>() ? "true" : "false";
    case FieldType::point: return position_text(value.at("coordinates"));
    case FieldType::multipolygon: return area_text(value);
    default: return value.is_string() ? trimmed(value.get<std::string>()) : gis_core::to_text(value);
    }
}

Json value_of(Texts const& t, Field const& field, std::string const& sent, std::string const& crs) {
    std::string typed;
    for (char const c : trimmed(sent)) {
        if (c != '\r') typed += c;
    }
    if (typed.empty()) return nullptr;
    switch (field.type) {
    case FieldType::integer: {
        auto const plain = plain_number(typed, t.is_vietnamese());
        std::int64_t value = 0;
        auto const [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
        return error == std::errc{} && end == plain.data() + plain.size() ? Json(value) : Json(typed);
    }
    case FieldType::decimal: {
        auto const value = number_in(plain_number(typed, t.is_vietnamese()));
        return value ? Json(*value) : Json(typed);
    }
    case FieldType::boolean: return typed == "true" ? Json(true) : typed == "false" ? Json(false) : Json(typed);
    case FieldType::date: {
        int day = 0, month = 0, year = 0, used = 0;  // "30/06/2025", where a browser knows no days
        if (std::sscanf(typed.c_str(), "%2d/%2d/%4d%n", &day, &month, &year, &used) == 3 && static_cast<std::size_t>(used) == typed.size())
            return fmt::format("{:04}-{:02}-{:02}", year, month, day);
        return typed;
    }
    case FieldType::timestamp:
        if (typed.size() == 16) typed += ":00";
        return typed.find_first_of("Z+", 10) == std::string::npos ? typed + "+07:00" : typed;
    case FieldType::point:
    case FieldType::multipolygon: {
        Json geometry;
        if (typed.starts_with('{')) {
            try {
                geometry = gis_core::parse_json(typed, field.column);
            } catch (std::exception const&) {
                throw Wrong{field.column, wanted(t, field)};
            }
        } else if (field.type == FieldType::point) {
            auto const at = position_in(typed);
            if (!at) throw Wrong{field.column, t("work_wrong_line", {{"n", "1"}, {"value", typed.substr(0, 60)}})};
            geometry = {{"type", "Point"}, {"coordinates", Json::array({at->first, at->second})}};
        } else {
            geometry = area_of(t, field, typed);
        }
        if (!crs.empty() && geometry.is_object()) geometry["crs"] = crs;
        return geometry;
    }
    default: return typed;
    }
}

std::string wanted(Texts const& t, Field const& field) {
    if (programme::dictionary::is_sealed(field)) return t("work_wrong_sealed");
    return t(fmt::format("work_wrong_{}", programme::dictionary::to_string(field.type)));
}

}  // namespace api::workplace
