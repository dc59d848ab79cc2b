// The record on a map, for whoever works with it: their rows as tiles (api/records), the lists beside it for those without.
#include "api/records/list_query.hpp"
#include "api/workplace/desk.hpp"
#include "gis_core/error.hpp"
#include "programme/records/tile.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace api::workplace {

using gis_core::Json;
using gis_core::db::Session;

namespace {

constexpr std::size_t kShownAtFirst = 2;
constexpr std::size_t kColours = 6;  // --map-1 … of app.css

/// The entities with a place that the role sees, in the order of the sections.
std::vector<Entity const*> places_of(Desk const& desk) {
    std::vector<Entity const*> out;
    for (auto const& section : desk.place.sections) {
        for (auto const* entity : section.entities) {
            auto const* place = entity->place();
            if (place != nullptr && desk.right(*entity).may_read() && programme::access::may_see(*place, desk.role()))
                out.push_back(entity);
        }
    }
    // Land first: where things grow is what is looked after.
    std::stable_partition(out.begin(), out.end(), [](Entity const* entity) { return entity->id == "plots" || entity->id == "zones"; });
    return out;
}

/// The query without what belongs to the page itself: the conditions of the list one came from.
std::string list_conditions(http::Query const& query) {
    std::string out;
    for (auto const& [name, value] : query) {
        if (name == "show" || name == "after" || name == "limit" || name == "sort" || value.empty()) continue;
        out += (out.empty() ? "" : "&") + pages::encode_value(name) + "=" + pages::encode_value(value);
    }
    return out;
}

}  // namespace

http::Response get_map(Desk const& desk) {
    auto const& t = desk.t;
    auto const entities = places_of(desk);
    auto const wanted = std::string{desk.request.query.find("show").value_or("")};
    auto const is_wanted = [&](std::string const& id) { return ("," + wanted + ",").find("," + id + ",") != std::string::npos; };
    auto const chosen = std::count_if(entities.begin(), entities.end(), [&](Entity const* entity) { return is_wanted(entity->id); });
    // Conditions belong to one list; with several layers there is no saying which.
    auto const conditions = chosen == 1 ? list_conditions(desk.request.query) : std::string{};
    Json layers = Json::array(), shown = Json::array();
    std::vector<Lens> visible;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        auto const& entity = *entities[i];
        bool const on = chosen > 0 ? is_wanted(entity.id) : i < kShownAtFirst;
        if (on) visible.push_back({entity, desk.role(), nullptr});
        auto const colour = i % kColours + 1;
        layers.push_back({{"layer_id", entity.id}, {"layer_title", in(t, entity.title)}, {"layer_on", on}, {"layer_colour", colour}, {"layer_href", desk.href(&entity)}});
        shown.push_back({{"id", entity.id},
                         {"title", in(t, entity.title)},
                         {"on", on},
                         {"colour", colour},
                         {"href", desk.href(&entity)},
                         {"tiles", fmt::format("/api/records/{}/tiles/{{z}}/{{x}}/{{y}}.mvt{}{}", entity.id, conditions.empty() ? "" : "?", conditions)}});
    }
    if (!conditions.empty()) {
        auto const& lens = visible.front();
        auto const sent = http::Query::parse(conditions);
        read_list_query(sent, lens, true);  // refused here rather than tile by tile
    }
    auto const box = desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) {
        std::optional<std::array<double, 4>> all;
        for (auto const& lens : visible) {
            auto const one = programme::records::extent(tx, lens);
            if (!one) continue;
            if (!all) all = one;
            all = std::array{std::min((*all)[0], (*one)[0]), std::min((*all)[1], (*one)[1]), std::max((*all)[2], (*one)[2]), std::max((*all)[3], (*one)[3])};
        }
        return all;
    });
    auto script = desk.script_data();
    script["layers"] = std::move(shown);
    script["last_zoom"] = programme::records::kTileLastZoom;
    if (box) script["bounds"] = {{(*box)[0], (*box)[1]}, {(*box)[2], (*box)[3]}};
    Json model{{"title", t("work_map")}, {"is_map", true}};
    model["layers"] = std::move(layers);
    model["nothing"] = entities.empty();
    model["is_filtered"] = !conditions.empty();
    if (!conditions.empty()) {
        model["filtered"] = t("work_map_filtered", {{"list", in(t, visible.front().entity.title)}});
        model["list_href"] = desk.href(&visible.front().entity) + "?" + conditions;
        model["all_href"] = desk.map_href() + "?show=" + visible.front().entity.id;
    }
    model["page_data"] = pages::script_json(script);
    return desk.show("work_map", std::move(model), desk.map_href(desk.language == Language::vi ? Language::en : Language::vi));
}

}  // namespace api::workplace
