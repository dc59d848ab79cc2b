#include "tile_server/ogc/parameters.hpp"

#include "gis_core/cql2/moment.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "tile_server/pictures/query_values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>

namespace tile_server::ogc {

using gis_core::Date;

std::optional<Date> read_day(std::string_view field, std::optional<std::string_view> text) {
    if (!text) return std::nullopt;
    auto const wrong = [&] {
        return gis_core::invalid_field(field, *text,
                                       "a day like 2025-06-30, a moment like 2025-06-30T12:00:00Z, or an interval of them with .. for an open end");
    };
    auto const day_of = [&](std::string_view part) -> std::optional<Date> {
        if (part.empty() || part == "..") return std::nullopt;
        if (auto const day = Date::parse(part)) return day;
        auto const moment = gis_core::cql2::parse_timestamp(part);
        if (!moment) throw wrong();
        auto const local = std::chrono::floor<std::chrono::days>(std::chrono::microseconds{*moment + gis_core::cql2::kDayOffset});
        auto const day = Date::parse(Date{std::chrono::sys_days{local}}.iso());
        if (!day) throw wrong();
        return day;
    };
    auto const slash = text->find('/');
    if (slash == std::string_view::npos) {
        auto const day = day_of(*text);
        if (!day) throw wrong();
        return day;
    }
    auto const from = day_of(text->substr(0, slash)), to = day_of(text->substr(slash + 1));
    if (from && to && *from > *to) throw wrong();
    if (!to && from && *from > gis_core::business_date()) return from;
    return to;
}

std::string choose_format(http::Request const& request, std::vector<std::pair<std::string, std::string>> const& offered) {
    std::vector<std::string> names, types;
    for (auto const& [name, type] : offered) names.push_back(name), types.push_back(type);
    if (auto const f = request.query.find("f")) {
        for (auto const& [name, type] : offered) {
            if (*f == name || *f == type) return name;
        }
        throw gis_core::invalid_field("f", *f, fmt::format("{}", fmt::join(names, ", ")));
    }
    auto const accept = request.header_or("Accept", "");
    auto const best = http::negotiate(accept, types);
    for (auto const& [name, type] : offered) {
        if (best == type) return name;
    }
    auto const known = fmt::format("{}", fmt::join(types, ", "));
    throw gis_core::Error{gis_core::ErrorKind::not_acceptable, "this address has " + known, {{"Accept", std::string{accept}, known}}};
}

gis_core::crs::MapBox read_box(std::string_view field, std::string_view text, gis_core::crs::ReferenceSystem const& crs) {
    auto const form = fmt::format("four numbers in {}: {}", crs.short_name(),
                                  crs.is_latitude_first ? "south,west,north,east"
                                  : crs.is_geographic   ? "west,south,east,north in degrees"
                                                        : "west,south,east,north in metres");
    std::array<double, 4> values{};
    std::string_view rest = text;
    for (std::size_t i = 0; i < 4; ++i) {
        auto const comma = rest.find(',');
        if ((comma == std::string_view::npos) != (i == 3)) throw gis_core::invalid_field(field, text, form);
        values[i] = number_of(field, rest.substr(0, comma), form);
        if (comma != std::string_view::npos) rest.remove_prefix(comma + 1);
    }
    if (crs.is_latitude_first) std::swap(values[0], values[1]), std::swap(values[2], values[3]);
    gis_core::crs::MapBox const box{values[0], values[1], values[2], values[3]};
    double const reach = crs.is_geographic ? 180 : 2.1e7;
    bool const is_inside = std::abs(box.west) <= reach && std::abs(box.east) <= reach && std::abs(box.south) <= (crs.is_geographic ? 90 : reach) &&
                           std::abs(box.north) <= (crs.is_geographic ? 90 : reach);
    if (!is_inside || box.west >= box.east || box.south >= box.north) throw gis_core::invalid_field(field, text, form);
    return box;
}

std::string box_text(gis_core::crs::MapBox const& box, gis_core::crs::ReferenceSystem const& crs) {
    return crs.is_latitude_first ? fmt::format("{},{},{},{}", box.south, box.west, box.north, box.east)
                                 : fmt::format("{},{},{},{}", box.west, box.south, box.east, box.north);
}

std::string read_language(http::Request const& request) {
    if (auto const lang = request.query.find("lang")) {
        if (*lang != "vi" && *lang != "en") throw gis_core::invalid_field("lang", *lang, "vi or en");
        return std::string{*lang};
    }
    auto const accepted = request.header_or("Accept-Language", "");
    return accepted.find("en") < accepted.find("vi") ? "en" : "vi";
}

std::string escape_xml(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '&': out += "&amp;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    }
    return out;
}

}  // namespace tile_server::ogc
