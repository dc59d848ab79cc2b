#include "api/ogc/item_query.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace api::ogc {
namespace {

using gis_core::invalid_field;
using gis_core::layers::Attribute;
using gis_core::layers::AttributeType;
using gis_core::layers::Layer;

template <typename Number>
std::optional<Number> to_number(std::string_view text) {
    Number number{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return number;
}

/// A day, or a moment (RFC 3339 §5.6) brought to the business day of Asia/Ho_Chi_Minh.
gis_core::Date parse_moment(std::string_view text) {
    static constexpr auto kForm = "a day (2025-06-30), a moment (2025-06-30T12:00:00Z), or an interval of two with '/', '..' for an open end";
    auto const day = gis_core::Date::parse(text.substr(0, 10));
    if (!day) throw invalid_field("datetime", text, kForm);
    if (text.size() == 10) return *day;
    auto const two = [&](std::size_t at) {
        auto const digits = text.size() >= at + 2 ? text.substr(at, 2) : std::string_view{};
        auto const number = digits.find_first_not_of("0123456789") == std::string_view::npos ? to_number<int>(digits) : std::nullopt;
        if (!number) throw invalid_field("datetime", text, kForm);
        return *number;
    };
    auto const at = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
    if ((at(10) != 'T' && at(10) != 't') || at(13) != ':' || at(16) != ':') throw invalid_field("datetime", text, kForm);
    int const hour = two(11), minute = two(14), second = two(17);
    std::size_t i = 19;
    if (at(i) == '.') {
        auto const end = text.find_first_not_of("0123456789", ++i);
        if (end == i || end == std::string_view::npos) throw invalid_field("datetime", text, kForm);
        i = end;
    }
    int offset_min = 0;
    if (at(i) == 'Z' || at(i) == 'z') {
        ++i;
    } else if (at(i) == '+' || at(i) == '-') {
        if (at(i + 3) != ':' || two(i + 1) > 23 || two(i + 4) > 59) throw invalid_field("datetime", text, kForm);
        offset_min = (two(i + 1) * 60 + two(i + 4)) * (at(i) == '-' ? -1 : 1);
        i += 6;
    } else {
        throw invalid_field("datetime", text, kForm);
    }
    if (i != text.size() || hour > 23 || minute > 59 || second > 60) throw invalid_field("datetime", text, kForm);
    auto const local = std::chrono::sys_seconds{day->days} + std::chrono::minutes{hour * 60 + minute - offset_min + 7 * 60};
    return {std::chrono::floor<std::chrono::days>(local)};
}

std::string read_value(Attribute const& attribute, std::string_view text) {
    switch (attribute.type) {
    case AttributeType::text: return gis_core::text::to_nfc(text);
    case AttributeType::integer:
        if (auto const number = to_number<std::int64_t>(text)) return std::to_string(*number);
        throw invalid_field(attribute.name, text, "a whole number");
    case AttributeType::number:
        if (auto const number = to_number<double>(text); number && std::isfinite(*number)) return std::string{text};
        throw invalid_field(attribute.name, text, "a number");
    case AttributeType::boolean:
        if (text == "true" || text == "false") return std::string{text};
        throw invalid_field(attribute.name, text, "true or false");
    case AttributeType::date: return gis_core::Date::from_field(attribute.name, text).iso();
    }
    return {};
}

char const* sql_type(AttributeType type) {
    switch (type) {
    case AttributeType::text: break;
    case AttributeType::integer: return "bigint";
    case AttributeType::number: return "double precision";
    case AttributeType::boolean: return "boolean";
    case AttributeType::date: return "date";
    }
    return "text";
}

/// Layers whose features end have a view of all versions beside the view of one day (0035_versions.sql).
bool has_versions(Layer const& layer) { return !layer.valid_to_column.empty(); }

bool asks_interval(ItemQuery const& query) { return query.period && !query.period->is_instant && has_versions(*query.layer); }

/// The day the views show. A layer without an end shows over an interval what it has on the interval's last day; where
/// that is open, on today or the first day if that is later.
std::string day_of(ItemQuery const& query) {
    if (!query.period || !query.layer->has_at || asks_interval(query)) return {};
    if (query.period->to) return query.period->to->iso();
    if (query.period->from && *query.period->from > gis_core::business_date()) return query.period->from->iso();
    return {};
}

class Conditions {
public:
    explicit Conditions(Sql& sql) : sql_{sql} {}
    std::string bind(std::string value) {
        sql_.values.push_back(std::move(value));
        return "$" + std::to_string(sql_.values.size());
    }
    void add(std::string const& condition) {
        sql_.text += is_first_ ? " WHERE " : " AND ";
        sql_.text += condition;
        is_first_ = false;
    }

private:
    Sql& sql_;
    bool is_first_ = true;
};

std::string envelope_condition(Conditions& conditions, std::string const& geometry, std::array<double, 4> const& box, bool is_point) {
    std::string corners;
    for (double const corner : box) corners += (corners.empty() ? "" : ", ") + conditions.bind(fmt::format("{}", corner)) + "::float8";
    auto const envelope = "ST_MakeEnvelope(" + corners + ", 4326)";
    // A point is in its own box; for the rest the box of the index is only the first look.
    return is_point ? geometry + " && " + envelope : "ST_Intersects(" + geometry + ", " + envelope + ")";
}

void add_conditions(ItemQuery const& query, Conditions& conditions) {
    auto const& layer = *query.layer;
    if (asks_interval(query)) {
        if (query.period->to) conditions.add("t." + layer.valid_from_column + " <= " + conditions.bind(query.period->to->iso()) + "::date");
        if (query.period->from) {
            conditions.add("(t." + layer.valid_to_column + " IS NULL OR t." + layer.valid_to_column + " > " + conditions.bind(query.period->from->iso()) +
                           "::date)");
        }
    }
    if (query.bbox) {
        auto const& box = *query.bbox;
        auto const geometry = "t." + layer.geometry_column;
        bool const is_point = layer.geometry_type == "Point";
        if (!box.crosses_antimeridian()) {
            conditions.add(envelope_condition(conditions, geometry, {box.west, box.south, box.east, box.north}, is_point));
        } else {
            auto const west = envelope_condition(conditions, geometry, {box.west, box.south, 180, box.north}, is_point);
            auto const east = envelope_condition(conditions, geometry, {-180, box.south, box.east, box.north}, is_point);
            conditions.add("(" + west + " OR " + east + ")");
        }
    }
    for (auto const& [attribute, value] : query.equals) {
        conditions.add("t." + attribute->name + " = " + conditions.bind(value) + "::text::" + sql_type(attribute->type));
    }
}

/// pub.product_list has the same rows as pub.product, sooner (0035_versions.sql).
std::string view_of_a_day(Layer const& layer) { return layer.view == "pub.product" ? std::string{"pub.product_list"} : layer.view; }

std::string source_view(ItemQuery const& query) { return asks_interval(query) ? query.layer->view + "_version" : view_of_a_day(*query.layer); }

std::string columns(Layer const& layer, GeometryColumn form, int srid) {
    auto geometry = "t." + layer.geometry_column;
    if (form == GeometryColumn::xy && layer.geometry_type != "Point") geometry = "ST_PointOnSurface(" + geometry + ")";
    if (srid != 4326) geometry = fmt::format("ST_Transform({}, {})", geometry, srid);
    std::string text = "SELECT t." + layer.key + ", ";
    switch (form) {
    case GeometryColumn::geojson: text += "ST_AsGeoJSON(" + geometry + ", 7)"; break;
    case GeometryColumn::wkb: text += "ST_AsBinary(" + geometry + ")"; break;
    case GeometryColumn::xy: {
        auto const digits = srid == 4326 ? 7 : 3;
        text += fmt::format("round(ST_X({0})::numeric, {1}) || ' ' || round(ST_Y({0})::numeric, {1})", geometry, digits);
        break;
    }
    }
    for (auto const* attribute : properties(layer)) text += ", t." + attribute->name;
    return text;
}

}  // namespace

Bbox parse_bbox(std::string_view text) {
    static constexpr auto kForm = "four numbers west,south,east,north in degrees (or six, with heights third and sixth)";
    std::vector<double> numbers;
    for (auto rest = text;;) {
        auto const comma = std::min(rest.find(','), rest.size());
        auto const number = to_number<double>(rest.substr(0, comma));
        if (!number || !std::isfinite(*number) || numbers.size() == 6) throw invalid_field("bbox", text, kForm);
        numbers.push_back(*number);
        if (comma == rest.size()) break;
        rest.remove_prefix(comma + 1);
    }
    if (numbers.size() != 4 && numbers.size() != 6) throw invalid_field("bbox", text, kForm);
    if (numbers.size() == 6) numbers = {numbers[0], numbers[1], numbers[3], numbers[4]};
    Bbox const box{numbers[0], numbers[1], numbers[2], numbers[3]};
    for (double const latitude : {box.south, box.north}) {
        if (std::abs(latitude) <= 90) continue;
        bool const swapped = std::abs(latitude) <= 180 && std::abs(box.west) <= 90 && std::abs(box.east) <= 90;
        throw invalid_field("bbox", text,
                            swapped ? "longitude first, then latitude (-90 to 90): they seem to be swapped" : "latitudes from -90 to 90, after the longitude");
    }
    for (double const longitude : {box.west, box.east}) {
        if (std::abs(longitude) > 180) throw invalid_field("bbox", text, "longitudes from -180 to 180");
    }
    if (box.south > box.north) throw invalid_field("bbox", text, "the southern latitude before the northern one: west,south,east,north");
    return box;
}

Period parse_datetime(std::string_view text) {
    auto const slash = text.find('/');
    if (slash == std::string_view::npos) {
        auto const day = parse_moment(text);
        return {day, day, true};
    }
    auto const end = [](std::string_view part) -> std::optional<gis_core::Date> {
        if (part.empty() || part == "..") return std::nullopt;
        return parse_moment(part);
    };
    Period const period{end(text.substr(0, slash)), end(text.substr(slash + 1)), false};
    if (period.from && period.to && *period.from > *period.to) throw invalid_field("datetime", text, "an interval that begins before it ends");
    return period;
}

int parse_limit(std::string_view text, int maximum) {
    bool const is_digits = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    auto const allowed = fmt::format("a whole number from 1; more than {} counts as {}", maximum, maximum);
    if (!is_digits) throw invalid_field("limit", text, allowed);
    auto const number = to_number<std::int64_t>(text);  // empty: beyond 64 bits
    if (number && *number < 1) throw invalid_field("limit", text, allowed);
    return static_cast<int>(std::min<std::int64_t>(number.value_or(maximum), maximum));
}

std::vector<Attribute const*> properties(Layer const& layer) {
    std::vector<Attribute const*> columns_of_view;
    for (auto const& attribute : layer.attributes) {
        if (!attribute.is_derived) columns_of_view.push_back(&attribute);
    }
    return columns_of_view;
}

ItemQuery parse_item_query(Layer const& layer, http::Query const& query, std::vector<std::string_view> also_known) {
    ItemQuery parsed;
    parsed.layer = &layer;
    auto known = std::vector<std::string_view>{"bbox", "datetime", "limit", "after", "before"};
    known.insert(known.end(), also_known.begin(), also_known.end());
    for (auto const* attribute : properties(layer)) {
        if (attribute->is_queryable) known.push_back(attribute->name);
    }
    query.allow_only(known);
    if (auto const text = query.find("bbox")) parsed.bbox = parse_bbox(*text);
    if (auto const text = query.find("datetime")) parsed.period = parse_datetime(*text);
    if (auto const text = query.find("limit")) parsed.limit = parse_limit(*text);
    for (auto const& [name, key] : {std::pair{"after", &parsed.after}, {"before", &parsed.before}}) {
        auto const text = query.find(name);
        if (!text) continue;
        *key = to_number<std::int64_t>(*text);
        if (!*key) throw invalid_field(name, *text, "the id of a feature, as a page's links give it");
    }
    if (parsed.after && parsed.before) throw invalid_field("before", *query.find("before"), "either after or before");
    for (auto const* attribute : properties(layer)) {
        if (!attribute->is_queryable) continue;
        if (auto const text = query.find(attribute->name)) parsed.equals.emplace_back(attribute, read_value(*attribute, *text));
    }
    return parsed;
}

Sql select_items(ItemQuery const& query, GeometryColumn form, std::optional<int> limit, int srid) {
    auto const& layer = *query.layer;
    Sql sql;
    sql.at = day_of(query);
    sql.text = columns(layer, form, srid) + " FROM " + source_view(query) + " t";
    Conditions conditions{sql};
    add_conditions(query, conditions);
    if (query.after) conditions.add("t." + layer.key + " > " + conditions.bind(std::to_string(*query.after)) + "::bigint");
    if (query.before) conditions.add("t." + layer.key + " < " + conditions.bind(std::to_string(*query.before)) + "::bigint");
    sql.text += " ORDER BY t." + layer.key + (query.before ? " DESC" : "");
    if (limit) sql.text += " LIMIT " + std::to_string(*limit);
    return sql;
}

Sql count_items(ItemQuery const& query) {
    Sql sql;
    sql.at = day_of(query);
    sql.text = "SELECT count(*) FROM " + source_view(query) + " t";
    Conditions conditions{sql};
    add_conditions(query, conditions);
    return sql;
}

Sql select_feature(Layer const& layer, std::int64_t key) {
    return {columns(layer, GeometryColumn::geojson, 4326) + " FROM " + (has_versions(layer) ? layer.view + "_version" : view_of_a_day(layer)) + " t WHERE t." +
                layer.key + " = $1::bigint",
            {std::to_string(key)},
            {}};
}

Sql select_extent(Layer const& layer) {
    auto const from = layer.valid_from_column.empty() ? std::string{"NULL"} : "min(t." + layer.valid_from_column + ")";
    auto const to = layer.valid_to_column.empty()
                        ? std::string{"NULL"}
                        : "CASE WHEN bool_and(t." + layer.valid_to_column + " IS NOT NULL) THEN max(t." + layer.valid_to_column + ") - 1 END";
    // The boxes of the index suffice: the extent is rounded outwards to 1e-5 degrees (1 m).
    auto const view = has_versions(layer) ? layer.view + "_version" : view_of_a_day(layer);
    return {fmt::format("SELECT floor(ST_XMin(e)::numeric * 100000) / 100000, floor(ST_YMin(e)::numeric * 100000) / 100000,"
                        " ceil(ST_XMax(e)::numeric * 100000) / 100000, ceil(ST_YMax(e)::numeric * 100000) / 100000, since, until"
                        " FROM (SELECT ST_Extent(t.{}) AS e, {} AS since, {} AS until FROM {} t) x",
                        layer.geometry_column, from, to, view),
            {},
            {}};
}

Sql select_former_day(Layer const& layer) {
    return {fmt::format("SELECT CASE WHEN NOT EXISTS (SELECT FROM {0}) THEN (SELECT max({1}) - 1 FROM {0}_version) END", layer.view, layer.valid_to_column),
            {},
            {}};
}

}  // namespace api::ogc
