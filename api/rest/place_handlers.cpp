#include "api/rest/handlers.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/representations.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "programme/area.hpp"
#include "programme/places.hpp"
#include "programme/published_figures.hpp"
#include "programme/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace api::rest {
namespace {

using gis_core::db::Session;

void write_position(JsonWriter& json, gis_core::LonLat position) {
    json.key("position").begin_object().member("lon", position.lon).member("lat", position.lat).end_object();
}

constexpr auto kXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

struct Form {
    std::string_view name, media_type;
};
constexpr Form kJson{"json", "application/json"}, kGeoJson{"geojson", "application/geo+json"}, kCsv{"csv", "text/csv"}, kExcel{"xlsx", kXlsx};

/// ?f= wins over Accept; the first of the forms is what everybody else gets.
std::string_view form_of(http::Request const& request, std::vector<Form> const& forms) {
    if (auto const f = request.query.find("f")) {
        std::string names;
        for (auto const& form : forms) {
            if (*f == form.name) return form.name;
            names += (names.empty() ? "" : &form == &forms.back() ? " or " : ", ") + std::string{form.name};
        }
        throw gis_core::invalid_field("f", *f, names);
    }
    std::vector<std::string> types;
    types.reserve(forms.size());
    for (auto const& form : forms) types.emplace_back(form.media_type);
    auto const type = http::negotiate(request.header_or("Accept", "*/*"), types);
    auto const found = std::find_if(forms.begin(), forms.end(), [&](Form const& form) { return form.media_type == type; });
    return found == forms.end() ? forms.front().name : found->name;
}

http::Response named(http::Response response, std::string const& file_name) {
    response.headers.add("Content-Disposition", fmt::format("attachment; filename=\"{}\"", file_name));
    return response;
}

}  // namespace

http::Response GetUnitStatistics::operator()(http::Request const& request) const {
    request.query.allow_only({"frame", "measure", "at", "state", "f"});
    auto const frame = request.query.find("frame").value_or("commune-new");
    auto const measure = programme::parse_measure(request.query.find("measure").value_or("products"));
    auto const at = at_or_today(request.query);
    auto const state = request.query.find("state").value_or("in_force");
    if (state != "all" && state != "in_force") throw gis_core::invalid_field("state", state, "in_force or all");
    bool const all = state == "all";
    auto const form = form_of(request, {kJson, kGeoJson, kCsv, kExcel});
    auto const statistics = pool.read(at.iso(), [&](pqxx::transaction_base& tx, Session& session) {
        return programme::unit_statistics(tx, session, *figures, frame, measure, at, all, form == "geojson");
    });
    auto const stem = fmt::format("ocop-{}-{}-{}", programme::to_text(measure), statistics.frame.level, at.iso());
    if (form == "geojson") return cacheable(request, "application/geo+json", to_geojson(statistics, measure, at, all));
    if (form == "csv") return named(cacheable(request, "text/csv; charset=utf-8", to_csv(statistics, measure)), stem + ".csv");
    if (form == "xlsx") return named(cacheable(request, kXlsx, to_xlsx(statistics, measure, at, all)), stem + ".xlsx");
    return cacheable(request, "application/json; charset=utf-8", to_json(statistics, measure, at, all));
}

http::Response GetSuggestions::operator()(http::Request const& request) const {
    request.query.allow_only({"q", "at", "limit"});
    auto const q = request.query.find("q").value_or(std::string_view{});
    auto const at = at_or_today(request.query);
    auto const limit = integer_or(request.query, "limit", 10, 1, 50);
    auto const found = pool.read(at.iso(), [&](pqxx::transaction_base& tx, Session& session) { return programme::suggest(tx, session, q, at, limit); });
    JsonWriter json;
    json.begin_object().text_or_null("understood_as", found.understood_as).key("items").begin_array();
    for (auto const& s : found.items) {
        using Kind = programme::Suggestion::Kind;
        json.begin_object().member("kind", s.kind == Kind::product ? "product" : s.kind == Kind::producer ? "producer" : "place");
        json.member("label", std::string_view{s.label}).member("detail", std::string_view{s.detail});
        if (s.kind == Kind::place) {
            json.member("unit", std::string_view{s.unit}).member("is_former", s.is_former).key("today").begin_array();
            for (auto const& unit : s.today)
                json.begin_object().member("code", std::string_view{unit.code}).member("name", std::string_view{unit.name}).end_object();
            json.end_array();
        } else {
            json.member("id", s.id);
        }
        if (s.position) write_position(json, *s.position);
        json.end_object();
    }
    json.end_array().end_object();
    return json_answer(request, json);
}

http::Response ListNearest::operator()(http::Request const& request) const {
    request.query.allow_only({"kind", "lon", "lat", "limit", "at"});
    auto const kind = request.query.find("kind").value_or("producers");
    if (kind != "producers" && kind != "sales-points") throw gis_core::invalid_field("kind", kind, "producers or sales-points");
    auto const position = required_position(request.query);
    auto const at = at_or_today(request.query);
    auto const limit = integer_or(request.query, "limit", 10, 1, 100);
    auto const which = kind == "producers" ? programme::NearestKind::producers : programme::NearestKind::sales_points;
    auto const found =
        pool.read(at.iso(), [&](pqxx::transaction_base& tx, Session& session) { return programme::list_nearest(tx, session, which, position, at, limit); });
    JsonWriter json;
    json.begin_object().member("kind", kind).member("at", std::string_view{at.iso()}).key("items").begin_array();
    for (auto const& near : found) {
        json.begin_object().member("id", near.id).member("name", std::string_view{near.name}).member("kind", std::string_view{near.kind});
        json.member("distance_m", near.distance_m);
        write_place(json, "commune", {near.commune_code, near.commune_name});
        json.key("position").begin_object().member("lon", near.position.lon).member("lat", near.position.lat);
        json.member("approximate", near.position_approximate).end_object();
        json.member("products_in_force", near.products_in_force).end_object();
    }
    json.end_array().end_object();
    return json_answer(request, json);
}

http::Response GetUnitsAt::operator()(http::Request const& request) const {
    request.query.allow_only({"lon", "lat", "at"});
    auto const position = required_position(request.query);
    auto const at = at_or_today(request.query);
    auto const units = pool.read(at.iso(), [&](pqxx::transaction_base& tx, Session& session) {
        programme::require_frame(programme::list_frames(tx, session), "commune", at);
        return programme::units_at(tx, session, position);
    });
    if (units.empty()) {
        throw gis_core::Error{gis_core::ErrorKind::not_found,
                              fmt::format("no unit on {} holds {}, {} or lies within 10 km of it", at.iso(), position.lon, position.lat)};
    }
    JsonWriter json;
    json.begin_object().member("at", std::string_view{at.iso()}).key("items").begin_array();
    for (auto const& unit : units) {
        json.begin_object().member("level", std::string_view{unit.level}).member("code", std::string_view{unit.code});
        json.member("name", std::string_view{unit.name}).member("valid_from", std::string_view{unit.valid_from}).text_or_null("valid_to", unit.valid_to);
        json.member("geometry_state", std::string_view{unit.geometry_state}).member("match", unit.distance_m > 0 ? "nearest" : "inside");
        json.member("distance_m", unit.distance_m).end_object();
    }
    json.end_array().end_object();
    return json_answer(request, json);
}

http::Response ListTouchedZones::operator()(http::Request const& request) const {
    request.query.allow_only({"at", "limit"});
    auto const at = at_or_today(request.query);
    auto const limit = integer_or(request.query, "limit", 200, 1, kLargestPage);
    auto const area = programme::parse_area(request.body);
    auto const zones = pool.read(at.iso(), [&](pqxx::transaction_base& tx, Session& session) {
        programme::require_valid_area(tx, session, area);
        return programme::zones_touching(tx, session, area, limit + 1);
    });
    bool const is_cut = static_cast<int>(zones.size()) > limit;
    double shared_ha = 0;
    JsonWriter json;
    json.begin_object().member("at", std::string_view{at.iso()}).key("items").begin_array();
    for (std::size_t i = 0; i < std::min(zones.size(), static_cast<std::size_t>(limit)); ++i) {
        auto const& zone = zones[i];
        shared_ha += zone.shared_ha;
        json.begin_object().member("id", zone.id).member("code", std::string_view{zone.code}).member("name", std::string_view{zone.name});
        json.member("crop", std::string_view{zone.crop});
        write_place(json, "commune", {zone.commune_code, zone.commune_name});
        json.member("area_ha", zone.area_ha).member("shared_ha", zone.shared_ha).end_object();
    }
    json.end_array();
    if (!is_cut) json.member("total", static_cast<long long>(zones.size()));
    json.member("is_cut", is_cut).member("shared_ha", shared_ha).end_object();
    return json_answer(request, json);
}

http::Response ListFrames::operator()(http::Request const& request) const {
    request.query.allow_only({});
    auto const frames = pool.read({}, [&](pqxx::transaction_base& tx, Session& session) { return programme::list_frames(tx, session); });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& frame : frames) {
        json.begin_object().member("level", std::string_view{frame.level}).member("valid_from", std::string_view{frame.valid_from.iso()});
        json.text_or_null("valid_to", frame.valid_to ? frame.valid_to->iso() : std::string{}).member("units", frame.units);
        json.member("geometry_state", std::string_view{frame.geometry_state}).member("source", std::string_view{frame.source}).end_object();
    }
    json.end_array().end_object();
    return json_answer(request, json);
}

http::Response ListClasses::operator()(http::Request const& request) const {
    request.query.allow_only({});
    auto const classes = pool.read({}, [&](pqxx::transaction_base& tx, Session& session) { return programme::list_classes(tx, session); });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& c : classes) {
        json.begin_object().member("code", std::string_view{c.code}).member("set_no", c.set_no).member("sector_vi", std::string_view{c.sector_vi});
        json.member("sector_en", std::string_view{c.sector_en})
            .member("name_vi", std::string_view{c.name_vi})
            .member("name_en", std::string_view{c.name_en})
            .end_object();
    }
    json.end_array().end_object();
    return json_answer(request, json);
}

http::Response ListPublishedFigures::operator()(http::Request const& request) const {
    request.query.allow_only({"subject", "unit", "f"});
    auto const subject = request.query.find("subject").value_or(std::string_view{});
    auto const& subjects = programme::kFigureSubjects;
    if (request.query.find("subject") && std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) {
        throw gis_core::invalid_field("subject", subject, fmt::format("one of {}", fmt::join(subjects, ", ")));
    }
    auto const unit = request.query.find("unit");
    auto const form = form_of(request, {kJson, kCsv});
    auto const figures = pool.read({}, [&](pqxx::transaction_base& tx, Session& session) {
        std::optional<programme::UnitRef> asked;
        if (unit) asked = programme::find_unit(tx, session, *unit, gis_core::business_date());
        return programme::list_published_figures(tx, session, subject, asked);
    });
    if (form == "csv") return named(cacheable(request, "text/csv; charset=utf-8", to_csv(figures)), "press-figures-not-official.csv");
    JsonWriter json;
    json.begin_object().member("official", false).member("note_vi", "Số liệu do báo chí đăng, không phải số liệu chính thức");
    json.member("note_en", "Figures printed in the press, not official statistics").key("items").begin_array();
    for (auto const& figure : figures) write_figure(json, figure);
    json.end_array().member("total", static_cast<long long>(figures.size())).end_object();
    return json_answer(request, json);
}

http::Response ListDataSets::operator()(http::Request const& request) const {
    request.query.allow_only({});
    auto const sets = pool.read({}, [&](pqxx::transaction_base& tx, Session& session) { return programme::list_data_sets(tx, session); });
    JsonWriter json;
    bool const is_demo = std::any_of(sets.begin(), sets.end(), [](auto const& set) { return set.is_demo; });
    json.begin_object().member("holds_demo", is_demo).key("items").begin_array();
    for (auto const& set : sets) {
        json.begin_object().member("id", std::string_view{set.id}).member("title_vi", std::string_view{set.title_vi});
        json.member("title_en", std::string_view{set.title_en}).member("source", std::string_view{set.source}).member("licence", std::string_view{set.licence});
        json.member("is_demo", set.is_demo).member("rows", set.rows).member("loaded_at", std::string_view{set.loaded_at}).end_object();
    }
    json.end_array().end_object();
    return json_answer(request, json);
}

}  // namespace api::rest
