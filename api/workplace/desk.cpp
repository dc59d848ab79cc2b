#include "api/workplace/desk.hpp"

#include "api/workplace/administration.hpp"
#include "api/workplace/inspection.hpp"
#include "api/workplace/reports.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace api::workplace {

using gis_core::Json;
using pages::Texts;

namespace {

std::string tail(Verb verb, Language language, std::int64_t key) {
    bool const vi = language == Language::vi;
    switch (verb) {
    case Verb::list: return {};
    case Verb::create: return vi ? "/moi" : "/new";
    case Verb::record: return fmt::format("/{}", key);
    case Verb::edit: return fmt::format("/{}/{}", key, vi ? "sua" : "edit");
    case Verb::history: return fmt::format("/{}/{}", key, vi ? "lich-su" : "history");
    }
    return {};
}

std::string brief(std::string text) {
    constexpr std::size_t kMost = 90;
    if (text.size() <= kMost) return text;
    auto end = kMost;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "…";
}

}  // namespace

std::string Desk::href_in(Language other, Entity const* entity, Verb verb, std::int64_t key) const {
    std::string const hub = other == Language::vi ? "/quan-ly" : "/en/manage";
    return entity == nullptr ? hub : hub + '/' + entity->id + tail(verb, other, key);
}

std::string Desk::href(Entity const* entity, Verb verb, std::int64_t key) const { return href_in(language, entity, verb, key); }

std::string Desk::import_href_in(Language other, std::int64_t key) const {
    std::string const list = other == Language::vi ? "/quan-ly/nhap-lieu" : "/en/manage/import";
    return key == 0 ? list : fmt::format("{}/{}", list, key);
}

std::pair<Lens, Right> Desk::open(std::string const& id, bool writes) const {
    auto const& entity = place.dictionary->entity(id);
    auto const right = this->right(entity);
    auto const& title = in(t, entity.title);
    auto const role_name = t("role_" + role());
    if (!right.may_read()) throw Refused{t("work_refused_read", {{"role", role_name}, {"what", title}}), t("work_refused_other_role")};
    if (writes && !right.may_write) {
        std::string writers;
        for (int number = 2; number <= 17; ++number) {
            auto const other = fmt::format("R{:02}", number);
            if (place.access.right(id, other).may_write) writers += (writers.empty() ? "" : ", ") + t("role_" + other);
        }
        throw Refused{t("work_refused_write", {{"role", role_name}, {"what", title}}),
                      writers.empty() ? t("work_refused_nobody") : t("work_refused_writers", {{"roles", writers}})};
    }
    return {lens(entity), right};
}

bool Desk::may_add(Entity const& entity) const {
    auto const right = this->right(entity);
    bool const is_producer = entity.scope == programme::dictionary::Scope::producer && !entity.parent;
    return right.may_write && !(is_producer && right.reach == programme::access::Reach::own);
}

std::string Desk::reach_in_words(Right const& right) const {
    using programme::access::Reach;
    switch (right.reach) {
    case Reach::own: return t("work_reach_own", {{"scope", scope}});
    case Reach::area: return t(right.only_submitted ? "work_reach_area_submitted" : "work_reach_area", {{"scope", scope}});
    case Reach::past: return t("work_reach_past", {{"scope", scope}});
    case Reach::all: return t(right.only_submitted ? "work_reach_submitted" : "work_reach_all");
    case Reach::assigned: return t("work_reach_assigned");
    case Reach::none: break;
    }
    return t("work_refused_other_role");
}

std::map<std::int64_t, std::string> Desk::names(pqxx::transaction_base& tx, Entity const& entity, std::vector<std::int64_t> const& keys) const {
    std::map<std::int64_t, std::string> out;
    for (auto const key : keys) out[key] = fmt::format("{} {}", in(t, entity.title), key);
    if (keys.empty() || !right(entity).may_read()) return out;
    auto const labels = programme::records::labels(tx, lens(entity), keys);
    if (entity.parent && entity.label_column == entity.parent->column) {  // named after what it hangs on
        std::vector<std::int64_t> above;
        for (auto const& [key, label] : labels) {
            if (!label.empty()) above.push_back(std::stoll(label));
        }
        auto const named = names(tx, place.dictionary->entity(entity.parent->entity), above);
        for (auto const& [key, label] : labels) {
            if (!label.empty()) out[key] = named.at(std::stoll(label));
        }
        return out;
    }
    auto const* field = entity.find(entity.label_column);
    for (auto const& [key, label] : labels) {
        if (label.empty()) continue;
        bool const is_word = field != nullptr && field->type != programme::dictionary::FieldType::integer && field->type != programme::dictionary::FieldType::decimal;
        out[key] = brief(is_word ? shown(t, *field, Json(label)) : label);
    }
    return out;
}

std::string Desk::name(pqxx::transaction_base& tx, Entity const& entity, std::int64_t key) const { return names(tx, entity, {key}).at(key); }

http::Response Desk::show(char const* page, Json model, std::string const& other_href, int status) const {
    model["csrf"] = who.csrf;
    model["other_href"] = other_href;
    model["hub_href"] = href(nullptr);
    model["map_href"] = map_href();
    model["asks_password"] = !who.is_recent;
    model["acting"] = scope.empty() ? t("role_" + role()) : t("role_" + role()) + ", " + scope;
    model["dictionary_href"] = language == Language::vi ? "/tu-dien" : "/en/dictionary";
    auto const current = model.value("entity_id", std::string{});
    Json rail = Json::array();
    auto const rail_here = model.value("rail_here", std::string{});
    for (auto const& one : kGradingPages) {
        if (one.with_rail.find(role()) == std::string_view::npos) continue;
        rail.push_back({{"rail_title", t(fmt::format("gr_title_{}", one.view))},
                        {"rail_href", one.address.in(language)},
                        {"rail_icon", one.icon},
                        {"rail_current", std::string_view{rail_here}.starts_with(std::string_view{one.view}.substr(0, 5))}});
    }
    if (role() == "R16") {
        for (auto const& [id, title, icon, address] :
             {std::tuple{"accounts", "adm_accounts", "users", kAccounts}, std::tuple{"jobs", "adm_jobs", "activity", kJobs}}) {
            rail.push_back({{"rail_title", t(title)}, {"rail_href", address.in(language)}, {"rail_icon", icon}, {"rail_current", rail_here == id}});
        }
    }
    for (auto const& section : place.sections) {
        Entity const* first = nullptr;
        bool is_current = false, is_own = true;
        for (auto const* entity : section.entities) {
            auto const right = this->right(*entity);
            if (!right.may_read()) continue;
            if (first == nullptr) first = entity;
            is_current = is_current || entity->id == current;
            is_own = is_own && (right.reach == programme::access::Reach::own || right.reach == programme::access::Reach::all);
        }
        if (first == nullptr) continue;
        bool const mine = is_own && right(*first).reach == programme::access::Reach::own;
        rail.push_back({{"rail_title", in(t, mine ? section.mine : section.title)},
                        {"rail_href", href(nullptr) + "#" + section.id},
                        {"rail_icon", section.icon},
                        {"rail_current", is_current}});
        if (!is_current) continue;
        Json siblings = Json::array();
        for (auto const* entity : section.entities) {
            if (right(*entity).may_read())
                siblings.push_back({{"sibling_title", in(t, entity->title)}, {"sibling_href", href(entity)}, {"sibling_current", entity->id == current}});
        }
        rail.back()["siblings"] = std::move(siblings);
    }
    model["rail"] = std::move(rail);
    bool const may_import =
        std::any_of(place.dictionary->entities().begin(), place.dictionary->entities().end(), [&](auto const& entity) { return right(entity).may_write; });
    if (may_import) model["rail_import_href"] = import_href();
    if (has_inspection(*this)) model["rail_inspection_href"] = kInspection.in(language);
    if (has_reports(*this)) model["rail_reports_href"] = kReports.in(language);
    if (!model.contains("page_data")) model["page_data"] = pages::script_json(script_data());
    return place.pages->personal(request, language, page, std::move(model), status);
}

Json Desk::script_data() const {
    auto const& assets = place.pages->assets();
    auto const asset = [&](char const* name) { return "/assets/" + assets.at(name).get<std::string>(); };
    Json words;
    for (auto const& [key, text] : t.all().items()) {
        if (key.starts_with("shape_") || key.starts_with("work_js_") || key.starts_with("upload_") || key.starts_with("import_phase_") ||
            key == "import_cancelling" || key.starts_with("map_zoom"))
            words[key] = text;
    }
    return {
        {"csrf", who.csrf},
        {"lang", t("lang")},
        {"texts", std::move(words)},
        {"assets",
         {{"icons", asset("icons")}, {"shape", asset("shape_js")}, {"upload", asset("upload_js")}, {"work_map", asset("work_map_js")}, {"dossier", asset("dossier_js")}, {"score", asset("score_js")},
           {"map_css", asset("map_css")}, {"worker", asset("worker")}}},
        {"bounds", pages::kBounds},
        {"style", "/styles/ocop"}};
}

std::vector<Link> links_of(Workplace const& place, Entity const& entity, bool is_new) {
    std::vector<Link> out;
    if (entity.parent) out.push_back({entity.parent->column, &place.dictionary->entity(entity.parent->entity)});
    if (is_new && programme::access::names_producer(entity)) out.push_back({"producer_key", &place.dictionary->entity("producers")});
    return out;
}

std::vector<Field const*> seen_fields(Lens const& lens) {
    auto const& entity = lens.entity;
    std::vector<Field const*> out;
    for (auto const* field : entity.fields) {
        bool const is_link = entity.parent && entity.parent->column == field->column;
        if (field->table == entity.table && !is_link && lens.sight(*field) != programme::access::Sight::none) out.push_back(field);
    }
    return out;
}

http::Response see_other(std::string const& target) {
    http::Response response;
    response.status = 303;
    response.headers.add("Location", target);
    response.headers.add("Cache-Control", "no-store");
    return response;
}

Json parsed(std::string const& json) { return gis_core::parse_json(json, "row"); }

}  // namespace api::workplace
