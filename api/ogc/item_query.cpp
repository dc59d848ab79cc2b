#include "api/ogc/item_query.hpp"

#include "gis_core/cql2/sql.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "gis_core/layers/queryables.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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
    case AttributeType::array: break;  // is asked by a filter
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
    case AttributeType::array: return "text[]";
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
    std::vector<std::string>& values() { return sql_.values; }
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
    if (query.bbox_in) {
        auto const& box = *query.bbox_in;
        std::string numbers;
        for (double const number : {box.low_x, box.low_y, box.high_x, box.high_y}) numbers += conditions.bind(fmt::format("{}", number)) + "::float8, ";
        // The sides of the box are straight in its own CRS; in degrees they need more points than the corners.
        auto const envelope = fmt::format("ST_MakeEnvelope({}{})", numbers, box.crs->srid);
        auto const longest = std::max({box.high_x - box.low_x, box.high_y - box.low_y, 1e-9}) / 16;
        conditions.add(fmt::format("ST_Intersects(t.{}, ST_Transform(ST_Segmentize({}, {}::float8), 4326))", layer.geometry_column, envelope,
                                   conditions.bind(fmt::format("{}", longest))));
    }
    if (query.filter) conditions.add(gis_core::cql2::to_sql(*query.filter, gis_core::layers::queryables(layer), conditions.values()));
    for (auto const& [attribute, value] : query.equals) {
        conditions.add("t." + attribute->name + " = " + conditions.bind(value) + "::text::" + sql_type(attribute->type));
    }
}

/// pub.product_list has the same rows as pub.product, sooner (0035_versions.sql).
std::string view_of_a_day(Layer const& layer) { return layer.view == "pub.product" ? std::string{"pub.product_list"} : layer.view; }

std::string source_view(ItemQuery const& query) { return asks_interval(query) ? query.layer->view + "_version" : view_of_a_day(*query.layer); }

/// The geometry in a CRS, in its axis order where that reaches the client as text.
std::string geometry_in(Layer const& layer, GeometryColumn form, gis_core::crs::ReferenceSystem const* crs) {
    auto geometry = "t." + layer.geometry_column;
    if (form == GeometryColumn::xy && layer.geometry_type != "Point") geometry = "ST_PointOnSurface(" + geometry + ")";
    if (crs != nullptr && crs->srid != 4326) geometry = fmt::format("ST_Transform({}, {})", geometry, crs->srid);
    if (crs != nullptr && crs->is_latitude_first && form == GeometryColumn::geojson) geometry = "ST_FlipCoordinates(" + geometry + ")";
    switch (form) {
    case GeometryColumn::geojson: return fmt::format("ST_AsGeoJSON({}, {}, 0)", geometry, crs == nullptr || crs->epsg == 0 ? 7 : crs->decimals());
    case GeometryColumn::wkb: return "ST_AsBinary(" + geometry + ")";
    case GeometryColumn::xy: break;
    }
    return fmt::format("round(ST_X({0})::numeric, {1}) || ' ' || round(ST_Y({0})::numeric, {1})", geometry, crs == nullptr || crs->is_geographic ? 7 : 3);
}

std::string columns(ItemQuery const& query, GeometryColumn form, bool also_crs84) {
    auto const& layer = *query.layer;
    auto text = "SELECT t." + layer.key + ", " + (query.skips_geometry ? "NULL" : geometry_in(layer, form, query.crs));
    for (auto const* attribute : query.selected) text += ", t." + attribute->name;
    for (auto const& sort : query.sort) text += ", t." + sort.attribute->name;
    if (also_crs84) text += ", " + geometry_in(layer, form, nullptr);
    return text;
}

/// How a sort key is compared: texts as a Vietnamese dictionary has them.
std::string sort_expression(SortKey const& sort) {
    return "t." + sort.attribute->name + (sort.attribute->type == AttributeType::text ? " COLLATE pub.vi" : "");
}

/// Behind the cursor in the order of the list; `before`: in front of it.
void add_cursor(ItemQuery const& query, Conditions& conditions) {
    auto const& cursor = query.before ? query.before : query.after;
    if (!cursor) return;
    bool const is_before = query.before.has_value();
    std::string either, equal;
    for (std::size_t i = 0; i < query.sort.size(); ++i) {
        auto const& sort = query.sort[i];
        auto const expression = sort_expression(sort);
        std::string beyond, same;
        if (cursor->values[i]) {
            auto const value = conditions.bind(*cursor->values[i]) + "::text::" + sql_type(sort.attribute->type);
            bool const wants_greater = sort.is_descending == is_before;
            beyond = expression + (wants_greater ? " > " : " < ") + value;
            if (!is_before) beyond = "(" + beyond + " OR " + expression + " IS NULL)";
            same = expression + " = " + value;
        } else {
            beyond = is_before ? expression + " IS NOT NULL" : "false";
            same = expression + " IS NULL";
        }
        either += (either.empty() ? "" : " OR ") + ("(" + equal + beyond + ")");
        equal += same + " AND ";
    }
    auto const key = "t." + query.layer->key + (is_before ? " < " : " > ") + conditions.bind(std::to_string(cursor->key)) + "::bigint";
    conditions.add(either.empty() ? key : "(" + either + " OR (" + equal + key + "))");
}

std::string order(ItemQuery const& query) {
    bool const is_before = query.before.has_value();
    std::string text = " ORDER BY ";
    for (auto const& sort : query.sort) {
        text += sort_expression(sort) + (sort.is_descending == is_before ? " ASC" : " DESC") + (is_before ? " NULLS FIRST, " : " NULLS LAST, ");
    }
    return text + "t." + query.layer->key + (is_before ? " DESC" : "");
}

/// Four or six numbers; heights go.
std::array<double, 4> four_numbers(std::string_view text, std::string const& form) {
    std::vector<double> numbers;
    for (auto rest = text;;) {
        auto const comma = std::min(rest.find(','), rest.size());
        auto const number = to_number<double>(rest.substr(0, comma));
        if (!number || !std::isfinite(*number) || numbers.size() == 6) throw invalid_field("bbox", text, form);
        numbers.push_back(*number);
        if (comma == rest.size()) break;
        rest.remove_prefix(comma + 1);
    }
    if (numbers.size() != 4 && numbers.size() != 6) throw invalid_field("bbox", text, form);
    auto const half = numbers.size() / 2;
    return {numbers[0], numbers[1], numbers[half], numbers[half + 1]};
}

void read_bbox(ItemQuery& parsed, std::string_view text, gis_core::crs::ReferenceSystem const& crs) {
    if (crs.epsg == 0) {
        parsed.bbox = parse_bbox(text);
        return;
    }
    auto const box =
        four_numbers(text, fmt::format("four numbers in {}, {}", crs.name, crs.is_latitude_first ? "latitude before longitude" : "easting before northing"));
    if (crs.epsg == 4326) {  // only the axes differ; the antimeridian as in CRS84
        parsed.bbox = parse_bbox(fmt::format("{},{},{},{}", box[1], box[0], box[3], box[2]));
        return;
    }
    BboxIn const in{&crs, box[crs.is_latitude_first ? 1 : 0], box[crs.is_latitude_first ? 0 : 1], box[crs.is_latitude_first ? 3 : 2],
                    box[crs.is_latitude_first ? 2 : 3]};
    if (in.low_x > in.high_x || in.low_y > in.high_y) throw invalid_field("bbox", text, "the smaller coordinate before the greater one");
    // PROJ answers far away places with infinity.
    auto const most = crs.is_geographic ? 180.0 : 4e7;
    for (double const number : box) {
        if (std::abs(number) > most) throw invalid_field("bbox", text, fmt::format("coordinates of {}", crs.name));
    }
    parsed.bbox_in = in;
}

bool read_flag(std::string_view name, std::string_view text) {
    if (text == "true" || text == "false") return text == "true";
    throw invalid_field(name, text, "true or false");
}

std::vector<Attribute const*> read_selection(Layer const& layer, std::string_view text) {
    std::vector<Attribute const*> selected;
    auto const all = properties(layer);
    for (auto rest = text; !text.empty();) {
        auto const comma = std::min(rest.find(','), rest.size());
        auto const name = rest.substr(0, comma);
        auto const found = std::ranges::find_if(all, [&](auto const* attribute) { return attribute->name == name; });
        if (found == all.end()) {
            std::vector<std::string_view> names;
            for (auto const* attribute : all) names.push_back(attribute->name);
            throw invalid_field("properties", name, fmt::format("some of {}", fmt::join(names, ", ")));
        }
        if (std::ranges::find(selected, *found) == selected.end()) selected.push_back(*found);
        if (comma == rest.size()) break;
        rest.remove_prefix(comma + 1);
    }
    return selected;
}

}  // namespace

Bbox parse_bbox(std::string_view text) {
    static constexpr auto kForm = "four numbers west,south,east,north in degrees (or six, with heights third and sixth)";
    auto const numbers = four_numbers(text, kForm);
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

ItemQuery parse_feature_query(Layer const& layer, http::Query const& query) {
    ItemQuery parsed;
    parsed.layer = &layer;
    if (auto const text = query.find("crs")) parsed.crs = &gis_core::crs::get_reference_system("crs", *text);
    if (auto const text = query.find("skipGeometry")) parsed.skips_geometry = read_flag("skipGeometry", *text);
    auto const selection = query.find("properties");
    parsed.selected = selection ? read_selection(layer, *selection) : properties(layer);
    return parsed;
}

ItemQuery parse_item_query(Layer const& layer, http::Query const& query, std::vector<std::string_view> also_known) {
    auto known = std::vector<std::string_view>{"bbox",   "bbox-crs",    "crs",        "datetime", "limit",      "after",       "before",
                                               "filter", "filter-lang", "filter-crs", "sortby",   "properties", "skipGeometry"};
    known.insert(known.end(), also_known.begin(), also_known.end());
    for (auto const* attribute : properties(layer)) {
        if (attribute->is_queryable && attribute->is_simple()) known.push_back(attribute->name);
    }
    query.allow_only(known);
    auto parsed = parse_feature_query(layer, query);
    auto const bbox = query.find("bbox"), bbox_crs = query.find("bbox-crs");
    if (bbox_crs && !bbox) throw invalid_field("bbox-crs", *bbox_crs, "only beside bbox");
    if (bbox) read_bbox(parsed, *bbox, bbox_crs ? gis_core::crs::get_reference_system("bbox-crs", *bbox_crs) : gis_core::crs::reference_systems().front());
    if (auto const text = query.find("sortby")) parsed.sort = parse_sortby(layer, *text);
    parsed.filter = gis_core::layers::read_filter(layer, query.find("filter"), query.find("filter-lang"), query.find("filter-crs"));
    if (auto const text = query.find("datetime")) parsed.period = parse_datetime(*text);
    if (auto const text = query.find("limit")) parsed.limit = parse_limit(*text);
    for (auto const& [name, key] : {std::pair{"after", &parsed.after}, {"before", &parsed.before}}) {
        auto const text = query.find(name);
        if (!text) continue;
        *key = parse_cursor(name, *text, parsed.sort.size());
    }
    if (parsed.after && parsed.before) throw invalid_field("before", *query.find("before"), "either after or before");
    for (auto const* attribute : properties(layer)) {
        if (!attribute->is_queryable || !attribute->is_simple()) continue;
        if (auto const text = query.find(attribute->name)) parsed.equals.emplace_back(attribute, read_value(*attribute, *text));
    }
    return parsed;
}

Cursor parse_cursor(std::string_view parameter, std::string_view text, std::size_t sort_keys) {
    static constexpr auto kForm = "the place that a page's links give";
    if (sort_keys == 0) {
        auto const key = to_number<std::int64_t>(text);
        if (!key) throw invalid_field(parameter, text, kForm);
        return {{}, *key};
    }
    if (text.size() > 10'000) throw invalid_field(parameter, text.substr(0, 40), kForm);
    auto const json = gis_core::parse_json(text, parameter);
    if (!json.is_array() || json.size() != sort_keys + 1 || !json.back().is_number_integer()) throw invalid_field(parameter, text, kForm);
    Cursor cursor;
    for (std::size_t i = 0; i < sort_keys; ++i) {
        if (!json[i].is_null() && !json[i].is_string()) throw invalid_field(parameter, text, kForm);
        cursor.values.push_back(json[i].is_null() ? std::nullopt : std::optional{json[i].get<std::string>()});
    }
    cursor.key = json.back().get<std::int64_t>();
    return cursor;
}

std::string to_text(Cursor const& cursor) {
    if (cursor.values.empty()) return std::to_string(cursor.key);
    auto json = gis_core::Json::array();
    for (auto const& value : cursor.values) json.push_back(value ? gis_core::Json(*value) : gis_core::Json(nullptr));
    json.push_back(cursor.key);
    return gis_core::to_text(json);
}

std::vector<SortKey> parse_sortby(Layer const& layer, std::string_view text) {
    std::vector<std::string_view> names;
    std::vector<Attribute const*> sortable;
    for (auto const* attribute : properties(layer)) {
        if (!attribute->is_sortable) continue;
        names.push_back(attribute->name);
        sortable.push_back(attribute);
    }
    std::vector<SortKey> keys;
    for (auto rest = text;;) {
        auto const comma = std::min(rest.find(','), rest.size());
        auto name = rest.substr(0, comma);
        bool const is_descending = name.starts_with('-');
        // A plus that was not escaped arrives as a blank.
        if (is_descending || name.starts_with('+') || name.starts_with(' ')) name.remove_prefix(1);
        auto const found = std::ranges::find_if(sortable, [&](auto const* attribute) { return attribute->name == name; });
        bool const is_twice = found != sortable.end() && std::ranges::find(keys, *found, &SortKey::attribute) != keys.end();
        if (found == sortable.end() || is_twice)
            throw invalid_field("sortby", text, fmt::format("each at most once, with - before it to fall: {}", fmt::join(names, ", ")));
        keys.push_back({*found, is_descending});
        if (comma == rest.size()) return keys;
        rest.remove_prefix(comma + 1);
    }
}

Sql select_items(ItemQuery const& query, GeometryColumn form, std::optional<int> limit, bool also_crs84) {
    Sql sql;
    sql.at = day_of(query);
    sql.text = columns(query, form, also_crs84) + " FROM " + source_view(query) + " t";
    Conditions conditions{sql};
    add_conditions(query, conditions);
    add_cursor(query, conditions);
    sql.text += order(query);
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

Sql select_feature(ItemQuery const& query, std::int64_t key, bool also_crs84) {
    auto const& layer = *query.layer;
    return {columns(query, GeometryColumn::geojson, also_crs84) + " FROM " + (has_versions(layer) ? layer.view + "_version" : view_of_a_day(layer)) +
                " t WHERE t." + layer.key + " = $1::bigint",
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
    return {fmt::format("SELECT trim_scale(floor(ST_XMin(e)::numeric * 100000) / 100000), trim_scale(floor(ST_YMin(e)::numeric * 100000) / 100000),"
                        " trim_scale(ceil(ST_XMax(e)::numeric * 100000) / 100000), trim_scale(ceil(ST_YMax(e)::numeric * 100000) / 100000), since, until"
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
