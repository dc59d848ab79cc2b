// Dossiers, score sheets and councils at work: shells whose scripts speak with /api/dossiers and /api/score-sheets, for what is typed
// here must survive a cut connection (web/src/dossier.js, web/src/score.js).
#include "api/rest/parameters.hpp"
#include "api/workplace/desk.hpp"
#include "api/workplace/stored.hpp"

#include <fmt/format.h>

namespace api::workplace {
namespace {

using gis_core::Json;

/// Enumerations that the scripts show, with their words.
Json lists_of(Desk const& desk) {
    Json out;
    for (auto const* name :
         {"dossier_state", "registration_kind", "evidence_kind", "legal_regime", "council_role", "session_mode", "revocation_reason", "decision_authority"}) {
        auto const* list = desk.place.dictionary->find_list(name);
        if (list == nullptr) continue;
        for (auto const& code : list->codes) out[name][code.code] = in(desk.t, code.label);
    }
    return out;
}

}  // namespace

http::Response get_grading(Desk const& desk, GradingPage const& page) {
    auto const id = page.has_id ? rest::parse_id("id", desk.request.value(0)) : 0;
    auto script = desk.script_data();
    script["grading"] = {{"view", page.view}, {"id", id}, {"role", desk.role()}, {"lists", lists_of(desk)}};
    if (desk.place.files != nullptr) script["upload_rules"] = upload_rules(*desk.place.files);
    for (auto const& one : kGradingPages) script["grading"]["hrefs"][one.view] = one.address.in(desk.language);
    for (auto const& [key, text] : desk.t.all().items()) {
        if (key.starts_with("gr_") || key.starts_with("upload_") || key.starts_with("role_R")) script["texts"][key] = text;
    }
    Json model{{"title", desk.t(fmt::format("gr_title_{}", page.view))}, {"view", page.view}, {"rail_here", page.view}};
    model["no_script"] = desk.t("gr_no_script");
    model["page_data"] = pages::script_json(script);
    auto const rest = page.has_id ? fmt::format("/{}", id) : std::string{};
    return desk.show("grading", std::move(model), page.address.in(desk.other_language()) + rest);
}

}  // namespace api::workplace
