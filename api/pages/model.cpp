#include "api/pages/model.hpp"

#include "api/pages/choropleth.hpp"
#include "api/pages/templates.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace api::pages {
namespace {

using gis_core::Json;

constexpr std::int64_t kMostPoints = 5000;
constexpr int kPictureWidth = 1000, kPictureHeight = 720;

std::string word_or(Texts const& t, std::string const& key, std::string const& otherwise) { return t.has(key) ? t(key) : otherwise; }

/// The Vietnamese or the English one, whichever is there.
std::string const& in_language(Texts const& t, std::string const& vietnamese, std::string const& english) {
    return t.is_vietnamese() || english.empty() ? vietnamese : english;
}

std::string link(PageContext const& page, View const& view) { return page.home() + view.query(); }

/// The view without what belongs to one stretch of the list or one open card.
View first_stretch(View view) {
    view.after.clear();
    view.product.clear();
    return view;
}

std::string record_href(PageContext const& page, View const& view, char const* kind, std::string const& id) {
    return fmt::format("{}/{}/{}{}", page.prefix(), kind, encode_value(id), view.at_given ? "?at=" + view.at.iso() : "");
}

/// The certificate's state in words; a list row says nothing of a certificate that is simply in force.
std::string state_note(Texts const& t, std::string const& state, std::string const& valid_to, std::string const& revoked_on, bool in_list) {
    if (state == "valid") return in_list ? std::string{} : valid_to.empty() ? t("state_valid") : t("state_valid_until", {{"date", Texts::last_day(valid_to)}});
    if (state == "expiring") return valid_to.empty() ? t("state_expiring") : t("state_expiring_until", {{"date", Texts::last_day(valid_to)}});
    if (state == "expired") return valid_to.empty() ? t("state_expired") : t("state_expired_on", {{"date", Texts::date(valid_to)}});
    if (state == "revoked") return revoked_on.empty() ? t("state_revoked") : t("state_revoked_on", {{"date", Texts::date(revoked_on)}});
    return t("state_none");
}

bool is_in_force(std::string const& state) { return state == "valid" || state == "expiring"; }

void put_position(Json& model, std::optional<gis_core::LonLat> const& position) {
    if (!position) return;
    model["lon"] = fmt::format("{:.6f}", position->lon);
    model["lat"] = fmt::format("{:.6f}", position->lat);
}

Json item_model(PageContext const& page, View const& view, programme::Product const& row) {
    auto const& t = page.texts;
    auto const id = std::to_string(row.id);
    Json out{{"id", id}, {"href", record_href(page, view, "products", id)}, {"name", row.name}, {"state", row.certificate_state}};
    if (row.star && is_in_force(row.certificate_state)) {
        out["star"] = std::to_string(*row.star);
        out["star_label"] = t("star_n", {{"n", std::to_string(*row.star)}});
    }
    out["producer"] = row.producer_name;
    // Until 30/06/2025 a commune's name says little without its district.
    out["place"] = row.commune.name + (view.at < first_day_of_new_communes() && !row.district_old.name.empty() ? ", " + row.district_old.name : "");
    out["state_note"] = state_note(t, row.certificate_state, row.certificate_valid_to, "", true);
    if (row.distance_m) {
        auto const m = *row.distance_m;
        out["distance"] = m < 950 ? t("distance_m", {{"n", t.number(static_cast<std::int64_t>(std::lround(m / 10) * 10))}})
                                  : t("distance_km", {{"n", t.number(m / 1000, 1)}});
    }
    put_position(out, row.position);
    return out;
}

std::int64_t count_of(std::vector<programme::FacetValue> const& facet, std::string const& value) {
    for (auto const& row : facet) {
        if (row.value == value) return row.count;
    }
    return 0;
}

Json option(std::string value, std::string label, std::int64_t count, bool checked, Texts const& t) {
    Json out{{"value", std::move(value)}, {"label", std::move(label)}, {"checked", checked}};
    if (count >= 0) out["count"] = t.number(count);
    return out;
}

void put_facets(Json& model, PageContext const& page, View const& view, HomeData const& data) {
    auto const& t = page.texts;
    auto const& facets = data.facets;
    int active = 0;
    Json stars = Json::array();
    for (int star = 5; star >= 3; --star) {
        auto const value = std::to_string(star);
        auto const checked = std::find(view.stars.begin(), view.stars.end(), star) != view.stars.end();
        stars.push_back(option(value, t("star_n", {{"n", value}}), count_of(facets.stars, value), checked, t));
    }
    model["stars"] = std::move(stars);
    active += view.stars.empty() ? 0 : 1;

    Json states = Json::array({option("any", t("state_any"), -1, view.state.empty(), t)});
    states.push_back(option("in_force", t("state_in_force"), count_of(facets.states, "valid") + count_of(facets.states, "expiring"),
                            view.state == "in_force" || view.state == "valid", t));
    for (auto const* state : {"expiring", "expired", "revoked", "none"}) {
        states.push_back(option(state, t(std::string{"state_"} + state), count_of(facets.states, state), view.state == state, t));
    }
    model["states"] = std::move(states);
    active += view.state.empty() ? 0 : 1;

    Json sectors = Json::array();
    for (auto const& row : data.classes) {
        auto const& sector = in_language(t, row.sector_vi, row.sector_en);
        auto const& name = in_language(t, row.name_vi, row.name_en);
        if (sectors.empty() || sectors.back()["name"] != sector) sectors.push_back({{"name", sector}, {"classes", Json::array()}});
        sectors.back()["classes"].push_back(option(row.code, name, count_of(facets.classes, row.code), view.class_code == row.code, t));
        if (view.class_code == row.code) model["class_label"] = name;
    }
    model["sectors"] = std::move(sectors);
    active += view.class_code.empty() ? 0 : 1;

    Json groups = Json::array();
    bool listed = view.unit.empty();
    for (auto const& [values, title] : {std::pair{&facets.communes, "unit_communes"}, std::pair{&facets.districts_old, "unit_districts"}}) {
        Json units = Json::array();
        for (auto const& row : *values) {
            auto const& name = in_language(t, row.label_vi, row.label_en);
            if (row.value.empty() || name.empty()) continue;
            bool const chosen = row.value == view.unit;
            units.push_back(option(row.value, name, row.count, chosen, t));
            listed = listed || chosen;
        }
        if (!units.empty()) groups.push_back({{"name", t(title)}, {"units", std::move(units)}});
    }
    if (!view.unit.empty()) model["unit_label"] = data.unit ? data.unit->name : view.unit;
    if (!listed) groups.push_back({{"name", "…"}, {"units", Json::array({option(view.unit, model["unit_label"], -1, true, t)})}});
    model["unit_groups"] = std::move(groups);
    active += view.unit.empty() ? 0 : 1;
    if (active > 0) model["filter_count"] = active;

    auto cleared = first_stretch(view);
    cleared.q.clear();
    cleared.stars.clear();
    cleared.state.clear();
    cleared.class_code.clear();
    cleared.unit.clear();
    cleared.near.clear();
    model["cleared_href"] = link(page, cleared);
    if (view.is_filtered() || !view.near.empty()) model["clear_href"] = model["cleared_href"];
}

/// One removable mark per condition, and the view without it.
Json chips(PageContext const& page, View const& view, Json const& model) {
    auto const& t = page.texts;
    Json out = Json::array();
    auto const add = [&](std::string const& label, auto change, std::string const& plain = {}) {
        auto without = first_stretch(view);
        change(without);
        out.push_back({{"label", label},
                       {"plain", plain.empty() ? label : plain},
                       {"href", link(page, without)},
                       {"remove_label", t("filter_remove", {{"label", label}})}});
    };
    if (!view.q.empty())
        add(
            t("results_query", {{"q", view.q}}), [](View& v) { v.q.clear(); }, view.q);
    for (auto const star : view.stars) {
        add(t("star_n", {{"n", std::to_string(star)}}), [star](View& v) { std::erase(v.stars, star); });
    }
    if (!view.state.empty()) add(t("state_" + view.state), [](View& v) { v.state.clear(); });
    if (!view.class_code.empty()) add(model.value("class_label", view.class_code), [](View& v) { v.class_code.clear(); });
    if (!view.unit.empty()) add(model.value("unit_label", view.unit), [](View& v) { v.unit.clear(); });
    if (!view.near.empty()) add(t("results_near"), [](View& v) { v.near.clear(); });
    return out;
}

void put_results(Json& model, PageContext const& page, View const& view, HomeData const& data) {
    auto const& t = page.texts;
    auto const total = static_cast<std::int64_t>(data.facets.total);
    model["total_raw"] = total;
    model["total"] = t(total == 1 ? "results_one" : "results_n", {{"n", t.number(total)}});
    model["summary_rest"] = t("results_at", {{"date", view.at.vietnamese()}});
    model["chips"] = chips(page, view, model);
    model["has_chips"] = !model["chips"].empty();
    if (!view.near.empty()) model["near_note"] = t("results_near_note") + " " + t("near_note");

    Json items = Json::array();
    for (auto const& row : data.page.items) items.push_back(item_model(page, view, row));
    if (items.empty()) {
        Json actions = Json::array();
        if (model["chips"].size() > 1 || (model["chips"].size() == 1 && view.q.empty())) {
            for (auto const& chip : model["chips"]) {
                actions.push_back({{"href", chip["href"]}, {"label", t("empty_drop", {{"label", chip["plain"].get<std::string>()}})}});
            }
        }
        if (!view.q.empty()) actions.push_back({{"label", t("empty_shorter")}});
        actions.push_back({{"href", model["cleared_href"]}, {"label", t("empty_clear")}});
        auto const why = !view.q.empty()      ? t("empty_query", {{"q", view.q}})
                         : view.is_filtered() ? t("empty_filters", {{"date", view.at.vietnamese()}})
                                              : t("empty_all");
        model["empty"] = {{"why", why}, {"actions", std::move(actions)}};
        return;
    }
    model["has_items"] = true;
    model["items"] = std::move(items);
    if (data.page.next) {
        auto further = view;
        further.product.clear();
        further.after = programme::to_text(*data.page.next, sort_of(view));
        model["next_href"] = link(page, further);
        model["more"] = true;
    }
    if (!view.after.empty()) {
        model["first_href"] = link(page, first_stretch(view));
        model["more"] = true;
    }
    auto const query = view.api_query();
    Json downloads = Json::array();
    for (auto const& format : page.downloads) {
        downloads.push_back({{"href", fmt::format("/api/products.{}{}", format, query)}, {"label", t("download_" + format)}});
    }
    model["downloads"] = std::move(downloads);
    model["print_part"] = t("print_part", {{"n", t.number(total)}});
    model["download_note"] = t("download_note", {{"n", t.number(total)}, {"date", view.at.vietnamese()}});
}

std::string figure_text(Texts const& t, double value) {
    return value == std::floor(value) ? t.number(static_cast<std::int64_t>(value)) : t.number(value, value < 100 ? 1 : 0);
}

void put_legend(Json& model, PageContext const& page, View const& view, std::optional<Choropleth> const& colours, Json& data) {
    auto const& t = page.texts;
    Json layers = Json::array();
    for (auto const* layer : {"products", "producers", "sales_points", "zones", "rivers", "labels"}) {
        layers.push_back({{"value", layer}, {"label", t(std::string{"layer_"} + layer)}, {"checked", view.shows(layer)}});
    }
    model["layers"] = std::move(layers);
    data["measure_label"] = t("measure_" + view.measure);
    data["figures"] = Json::object();
    if (!colours) return;
    if (!colours->problem.empty()) {
        model["legend_problem"] = colours->problem;
        return;
    }
    auto const& light = page.palette.light.choropleth;
    model["has_frame"] = true;
    model["legend_title"] = t("legend_title", {{"measure", t("measure_" + view.measure)}, {"frame", t("legend_frame_" + colours->frame_key)}});
    Json classes = Json::array();
    for (std::size_t i = 0; i <= colours->breaks.size(); ++i) {
        auto const from = i == 0 ? 0.0 : colours->breaks[i - 1];
        std::string label;
        if (i == colours->breaks.size()) label = "≥ " + figure_text(t, from);
        else if (view.measure == "zone_area_ha") label = fmt::format("{} – {}", figure_text(t, from), figure_text(t, colours->breaks[i]));
        else
            label =
                from == colours->breaks[i] - 1 ? figure_text(t, from) : fmt::format("{} – {}", figure_text(t, from), figure_text(t, colours->breaks[i] - 1));
        classes.push_back({{"label", label},
                           {"index", i},
                           {"colour", light[std::min(i, light.size() - 1)]},
                           {"dark", page.palette.dark.choropleth[std::min(i, light.size() - 1)]}});
    }
    model["classes"] = std::move(classes);
    auto facts = t("legend_units", {{"n", t.number(static_cast<std::int64_t>(colours->values.size()))}}) + " · " +
                 t("legend_total", {{"n", figure_text(t, colours->total)}});
    if (colours->elsewhere > 0) facts += " · " + t("legend_elsewhere", {{"n", figure_text(t, colours->elsewhere)}});
    model["legend_facts"] = facts;
    auto const boundary_day = colours->units_at.empty() ? view.at.iso() : colours->units_at;
    model["legend_boundary"] = t("legend_boundary", {{"date", Texts::date(boundary_day)}});
    if (!colours->boundary_to.empty()) model["boundary_past"] = t("legend_boundary_past");
    model["schematic"] = colours->state == "schematic";
    if (auto const source = colours->state == "schematic" ? t("source_schematic") : colours->source; !source.empty()) {
        model["legend_source"] = t("legend_source", {{"source", source}});
    }
    if (view.is_filtered()) model["unfiltered_note"] = t("legend_unfiltered");

    Json::object_t figures;
    for (auto const& [code, value] : colours->values) figures.emplace_back(code, figure_text(t, value));  // each comes once: nobody need look
    data["figures"] = std::move(figures);
    data["choropleth"] = {{"layer", colours->layer},   {"measure", view.measure},   {"units_at", colours->units_at},
                          {"breaks", colours->breaks}, {"values", colours->values}, {"colours", {{"light", light}, {"dark", page.palette.dark.choropleth}}}};
}

/// The address of the tile daemon's picture of this view, with the classes of the legend.
std::string picture(View const& view, HomeData const& found, std::optional<Choropleth> const& colours, std::string_view theme) {
    auto const box = view.picture_bounds(kPictureWidth, kPictureHeight, found.unit ? found.unit->bounds : std::nullopt);
    auto out = fmt::format("/tiles/{}{}/view.png?bbox={:.5f},{:.5f},{:.5f},{:.5f}&width={}&height={}", view.by == "district" ? "districts" : "ocop", theme,
                           box[0], box[1], box[2], box[3], kPictureWidth, kPictureHeight);
    if (view.at_given) out += "&at=" + view.at.iso();
    out += "&measure=" + (colours ? view.measure : "none");
    if (colours) out += fmt::format("&breaks={}", fmt::join(colours->breaks, ","));
    if (found.unit) out += fmt::format("&unit={}@{}", found.unit->code, found.unit->valid_from.iso());
    return out;
}

/// What the picture does not follow, said under it.
std::string picture_note(Texts const& t, View const& view) {
    std::string parts;
    auto const add = [&](bool is_set, char const* key) {
        if (is_set) parts += (parts.empty() ? "" : ", ") + t(key);
    };
    add(!view.q.empty(), "picture_q");
    add(!view.stars.empty(), "picture_star");
    add(!view.state.empty(), "picture_state");
    add(!view.class_code.empty(), "picture_class");
    add(!view.near.empty(), "picture_near");
    add(view.layers != View::default_layers(), "picture_layers");
    if (parts.empty()) return {};
    return t("picture_unfollowed", {{"parts", parts}});
}

void put_controls(Json& model, PageContext const& page, View const& view, HomeData const& found, std::optional<Choropleth> const& colours) {
    auto const& t = page.texts;
    model["at"] = view.at.iso();
    model["at_text"] = view.at.vietnamese();
    auto const today = gis_core::business_date();
    Json quick = Json::array();
    for (auto const* day : {"2025-06-30", "2025-07-01", ""}) {
        auto there = first_stretch(view);
        there.at = *day ? *gis_core::Date::parse(day) : today;
        there.at_given = there.at != today;
        quick.push_back({{"id", *day ? day : "today"},
                         {"href", link(page, there)},
                         {"label", *day ? there.at.vietnamese() : t("date_today")},
                         {"current", view.at == there.at}});
    }
    model["quick_dates"] = std::move(quick);
    bool const old_communes = view.at.iso() < "2025-07-01";
    Json frames = Json::array();
    for (auto const& [value, key] : {std::pair{"commune", old_communes ? "frame_commune_old" : "frame_commune_new"},
                                     std::pair{"district", "frame_district_old"}, std::pair{"none", "frame_none"}}) {
        frames.push_back({{"value", value}, {"label", t(key)}, {"checked", view.by == value}});
        if (view.by == value) model["frame_text"] = t(key);
    }
    model["frames"] = std::move(frames);
    Json measures = Json::array();
    for (auto const* measure : {"products", "producers", "stars", "zone_area_ha"}) {
        measures.push_back({{"value", measure}, {"label", t(std::string{"measure_"} + measure)}, {"checked", view.measure == measure}});
    }
    model["measures"] = std::move(measures);
    auto const has_lines = [&](programme::Frame const& frame) {
        return frame.level == "commune" && frame.valid_from <= view.at && (!frame.valid_to || view.at < *frame.valid_to);
    };
    bool const is_drawn = colours ? colours->problem.empty() : std::any_of(found.frames.begin(), found.frames.end(), has_lines);
    if (!is_drawn) return;  // no lines of that day: no picture either
    for (auto const& [name, theme] : {std::pair{"picture", ""}, std::pair{"picture_dark", "-dark"}}) model[name] = picture(view, found, colours, theme);
    model["picture_note"] = picture_note(t, view);
    model["picture_alt"] = t("map_picture_alt", {{"date", view.at.vietnamese()},
                                                 {"measure", t("measure_" + view.measure)},
                                                 {"frame", colours && colours->problem.empty() ? t("legend_frame_" + colours->frame_key) : t("frame_none")}});
}

/// The commune as of the act and today, each with a link to what else is there; one line when they are the same.
Json places(PageContext const& page, View const& view, programme::PlaceName const& act, programme::PlaceName const& act_district, std::string const& act_day,
            programme::PlaceName const& today) {
    auto const& t = page.texts;
    Json out = Json::array();
    auto const add = [&](std::string const& label, programme::PlaceName const& unit, std::string const& district, std::string const& day) {
        if (unit.code.empty()) return;
        View there;
        there.at = view.at;
        there.at_given = view.at_given;
        there.layers = View::default_layers();
        there.unit = unit.code + "@" + day;
        out.push_back({{"label", label}, {"name", unit.name + (district.empty() ? "" : ", " + district)}, {"href", page.home() + there.query()}});
    };
    auto const now = gis_core::business_date().iso();
    if (act.code == today.code && act.name == today.name) {
        add(t("unit_same"), today, act_district.name, now);
    } else {
        add(t("unit_today"), today, "", now);
        add(t("unit_act"), act, act_district.name, act_day);
    }
    return out;
}

/// What a product's record shows, on its page and in the card of the map.
Json record_model(PageContext const& page, View const& view, programme::ProductDetail const& detail) {
    auto const& t = page.texts;
    auto out = item_model(page, view, detail.product);
    out["feedback_href"] = fmt::format("{}?product={}", t.is_vietnamese() ? "/phan-hoi" : "/en/feedback", detail.product.id);
    auto const& state = detail.product.certificate_state;
    Json list = Json::array();
    for (auto const& certificate : detail.certificates) {
        Json entry{{"state", certificate.state}, {"in_force", is_in_force(certificate.state)}};
        if (certificate.star > 0) entry["grade"] = t("star_n", {{"n", std::to_string(certificate.star)}});
        entry["state_text"] = certificate.state == "revoked" ? t("state_revoked_on", {{"date", Texts::date(certificate.revoked_on)}})
                                                             : word_or(t, "state_" + certificate.state, certificate.state);
        auto const day = Texts::date(certificate.issued_on);
        entry["decision"] =
            certificate.decision_no.empty() ? t("decision_date", {{"date", day}}) : t("decision", {{"no", certificate.decision_no}, {"date", day}});
        entry["decided_by"] = certificate.decided_by;
        entry["validity"] = t("validity") + " " + t("validity_range", {{"from", day}, {"to", Texts::last_day(certificate.valid_to)}});
        if (!certificate.slug.empty()) entry["verify_href"] = fmt::format("{}/{}", t.is_vietnamese() ? "/xac-minh" : "/en/verify", certificate.slug);
        list.push_back(std::move(entry));
    }
    out["has_certificates"] = !list.empty();
    out["certificates"] = std::move(list);
    auto const* latest = detail.certificates.empty() ? nullptr : &detail.certificates.front();
    out["state_note"] = state_note(t, state, latest ? latest->valid_to : "", latest ? latest->revoked_on : "", false);
    out["description"] = detail.description;
    out["is_demo"] = detail.product.is_demo;
    out["producer_href"] = record_href(page, view, "producers", std::to_string(detail.product.producer_id));
    out["producer_kind"] = word_or(t, "kind_" + detail.producer_kind, "");
    out["class_name"] = in_language(t, detail.product.class_vi, detail.product.class_en);
    out["places"] = places(page, view, detail.commune_at_act, detail.district_at_act, detail.registered_on, detail.commune_today);
    out["approximate"] = detail.product.position_approximate;
    Json zones = Json::array();
    for (auto const& zone : detail.zones) zones.push_back({{"name", zone.name}, {"detail", t("zone_area", {{"n", t.number(zone.area_ha, 1)}})}});
    Json shops = Json::array();
    for (auto const& shop : detail.sales_points) shops.push_back({{"name", shop.name}, {"detail", word_or(t, "kind_" + shop.kind, "")}});
    out["has_zones"] = !zones.empty();
    out["zones"] = std::move(zones);
    out["has_sales_points"] = !shops.empty();
    out["sales_points"] = std::move(shops);
    return out;
}

}  // namespace

/// What stands at the foot of every page.
static Json info_links(Texts const& t) {
    Json links = Json::array();
    for (auto const& [vi, en, name] : {std::tuple{"/tin-tuc", "/en/news", "content_kinds_news"},
                                       {"/van-ban", "/en/legal-texts", "content_kinds_legal"},
                                       {"/huong-dan", "/en/guides", "content_kinds_guide"},
                                       {"/hoi-dap", "/en/questions", "content_kinds_question"},
                                       {"/phan-hoi", "/en/feedback", "fb_title"}})
        links.push_back({{"href", t.is_vietnamese() ? vi : en}, {"name", t(name)}});
    return links;
}

Json frame_model(PageContext const& page, View const& view, std::string const& path, std::string const& query, std::vector<programme::Frame> const& frames,
                 std::vector<programme::DataSet> const& data_sets) {
    auto const& t = page.texts;
    Json model;
    model["t"] = t.all();
    model["asset"] = page.assets;
    model["home_href"] = page.home();
    model["account_href"] = t.is_vietnamese() ? "/tai-khoan" : "/en/account";
    model["info_links"] = info_links(t);
    model["work_href"] = t.is_vietnamese() ? "/quan-ly" : "/en/manage";
    model["q"] = view.q;
    model["page_title"] = t("title");
    model["other_lang"] = t.is_vietnamese() ? "en" : "vi";
    auto const other_prefix = t.is_vietnamese() ? std::string{"/en"} : std::string{};
    model["other_href"] = (path == "/" ? (other_prefix.empty() ? "/" : other_prefix) : other_prefix + path) + query;
    model["address"] = page.prefix() + path + query;
    bool demo_shapes = false, demo_records = false;
    Json sets = Json::array();
    for (auto const& row : data_sets) {
        sets.push_back({{"title", in_language(t, row.title_vi, row.title_en)}, {"source", row.source}, {"licence", row.licence}, {"is_demo", row.is_demo}});
        demo_records = demo_records || row.is_demo;
    }
    for (auto const& frame : frames) demo_shapes = demo_shapes || frame.geometry_state == "schematic";
    model["data_sets"] = std::move(sets);
    if (demo_shapes) model["demo_banner"] = t("demo_banner");
    else if (demo_records) model["demo_banner"] = t("demo_banner_records");
    return model;
}

Json home_model(PageContext const& page, View const& view, HomeData const& found) {
    auto const& t = page.texts;
    auto model = frame_model(page, view, "/", view.query(), found.frames, found.data_sets);
    model["is_home"] = true;
    if (!view.q.empty()) {
        model["page_title"] = view.q + " – " + t("title");
        model["info_href"] = (t.is_vietnamese() ? "/thong-tin?q=" : "/en/information?q=") + encode_value(view.q);
        model["info_text"] = t("content_found", {{"q", view.q}});
    }
    put_facets(model, page, view, found);
    put_results(model, page, view, found);
    auto const colours = make_choropleth(page, view, found);
    put_controls(model, page, view, found, colours);

    Json data;
    data["home"] = page.home();
    data["prefix"] = page.prefix();
    data["today"] = gis_core::business_date().iso();
    data["at"] = view.at.iso();
    data["at_given"] = view.at_given;
    auto const first = std::min_element(found.frames.begin(), found.frames.end(), [](auto const& a, auto const& b) { return a.valid_from < b.valid_from; });
    data["boundaries_from"] = first == found.frames.end() ? std::string{} : first->valid_from.iso();
    data["bounds"] = kBounds;
    if (found.unit) {
        auto const& unit = *found.unit;
        data["unit"] = {{"code", unit.code}, {"bounds", unit.bounds ? Json(*unit.bounds) : Json(nullptr)}};
        // Marked where the lines on the map are of its time.
        auto const drawn = colours && !colours->units_at.empty() ? *gis_core::Date::parse(colours->units_at) : view.at;
        data["unit"]["is_drawn"] = colours && colours->layer == unit.level + "s" && unit.valid_from <= drawn && (!unit.valid_to || drawn < *unit.valid_to);
    }
    data["defaults"] = {{"state", "any"}, {"by", kDefaultBy}, {"measure", kDefaultMeasure}, {"layers", kDefaultLayers}};
    data["layers"] = view.layers;
    data["style"] = view.by == "district" ? "districts" : "ocop";
    data["product"] = view.product;
    for (auto const* key : {"picture", "picture_dark", "picture_alt"}) data[key] = model.value(key, "");
    if (view.is_filtered()) {
        // The map shows exactly the products found; a list too long to send as points shows none rather than all.
        bool const too_many = found.facets.total > kMostPoints;
        if (too_many) model["too_many"] = t("legend_too_many", {{"n", t.number(std::int64_t{kMostPoints})}});
        data["features"] = too_many ? std::string{} : "/api/products.geojson" + view.api_query();
        data["hide_products"] = too_many;
    }
    put_legend(model, page, view, colours, data);
    auto const asset = [&](char const* name) { return "/assets/" + page.assets.at(name).get<std::string>(); };
    data["assets"] = {{"icons", asset("icons")}, {"map", asset("map_js")}, {"map_css", asset("map_css")}, {"worker", asset("worker")}};
    Json words;
    for (auto const* key : {"search_none",        "search_count",     "kind_product",
                            "kind_producer",      "kind_place",       "results_loading",
                            "error_network",      "near_asking",      "near_denied",
                            "near_far",           "copied",           "map",
                            "map_loading",        "map_failed",       "map_open",
                            "map_zoom_in",        "map_zoom_out",     "map_home",
                            "map_help",           "cluster_members",  "cluster_more",
                            "timeline",           "timeline_play",    "timeline_stop",
                            "layer_sales_points", "layer_zones",      "unit_value",
                            "products_here",      "sheet_taller",     "sheet_shorter",
                            "place_today",        "kind_cooperative", "kind_cooperative_group",
                            "kind_company",       "kind_household",   "kind_private_enterprise"}) {
        words[key] = t(key);
    }
    data["texts"] = std::move(words);

    if (found.card) {
        auto without = view;
        without.product.clear();
        auto record = record_model(page, view, *found.card);
        record["close_href"] = link(page, without);
        model["product"] = std::move(record);
    } else {
        data["product"] = "";
    }
    model["page_data"] = script_json(data);
    return model;
}

Json product_model(PageContext const& page, View const& view, RecordData<programme::ProductDetail> const& data) {
    auto const id = std::to_string(data.record.product.id);
    auto model = frame_model(page, view, "/products/" + id, view.at_given ? "?at=" + view.at.iso() : "", data.frames, data.data_sets);
    auto record = record_model(page, view, data.record);
    Json reviews = Json::array();
    for (auto const& review : data.reviews)
        reviews.push_back(
            {{"rating", page.texts("fb_rating_n", {{"n", std::to_string(review.rating)}})}, {"comment", review.comment}, {"day", Texts::date(review.day)}});
    record["has_reviews"] = !reviews.empty();
    record["reviews"] = std::move(reviews);
    View there;
    there.at = view.at;
    there.at_given = view.at_given;
    there.layers = View::default_layers();
    model["back_href"] = link(page, there);
    there.product = id;
    if (auto const& at = data.record.product.position) {
        there.position = fmt::format("12.5/{:.4f}/{:.4f}", at->lat, at->lon);
        record["map_href"] = link(page, there);
    }
    model["page_title"] = data.record.product.name + " – " + page.texts("brand_sub");
    model["product"] = std::move(record);
    return model;
}

Json producer_model(PageContext const& page, View const& view, RecordData<programme::ProducerDetail> const& data) {
    auto const& t = page.texts;
    auto const& row = data.record.producer;
    auto model = frame_model(page, view, fmt::format("/producers/{}", row.id), view.at_given ? "?at=" + view.at.iso() : "", data.frames, data.data_sets);
    Json record{{"name", row.name}, {"producer_kind", word_or(t, "kind_" + row.kind, "")}, {"is_demo", row.is_demo}};
    record["registered_on"] = Texts::date(row.registered_on);
    record["places"] = places(page, view, data.record.commune_at_act, data.record.district_at_act, row.registered_on, data.record.commune_today);
    record["approximate"] = row.position_approximate;
    Json items = Json::array();
    for (auto const& product : data.record.items) items.push_back(item_model(page, view, product));
    record["product_count"] = t.number(static_cast<std::int64_t>(row.products));
    record["items"] = std::move(items);
    View there;
    there.at = view.at;
    there.at_given = view.at_given;
    there.layers = View::default_layers();
    model["back_href"] = link(page, there);
    if (row.position) {
        there.layers = {"products", "producers", "zones", "rivers", "labels"};
        there.position = fmt::format("13.0/{:.4f}/{:.4f}", row.position->lat, row.position->lon);
        record["map_href"] = link(page, there);
    }
    model["page_title"] = row.name + " – " + t("brand_sub");
    model["producer"] = std::move(record);
    return model;
}

}  // namespace api::pages
