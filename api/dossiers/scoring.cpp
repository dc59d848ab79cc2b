// A council member's own sheets: /api/score-sheets.
#include "programme/workflow/scoring.hpp"

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/dossiers/desk.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "api/routes.hpp"
#include "gis_core/db/pool.hpp"
#include "http/router.hpp"

namespace api {
namespace {

namespace workflow = programme::workflow;
using dossiers::Desk;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

long long sheet_of(http::Request const& request) { return rest::parse_id("id", request.value(0)); }

programme::accounts::Identity member(Desk& desk, http::Request const& request) {
    auto who = desk.gate.require(request);
    dossiers::require_role(who, {"R10", "R12"});
    return who;
}

http::Response mine(Desk& desk, http::Request const& request) {
    auto const who = member(desk, request);
    request.query.allow_only({});
    return rest::private_json(200, desk.pool.read("", who.actor(), [&](Tx& tx, Session&) { return workflow::my_sheets(tx); }));
}

http::Response read(Desk& desk, http::Request const& request) {
    auto const who = member(desk, request);
    request.query.allow_only({});
    auto const sheet = sheet_of(request);
    return rest::private_json(
        200, gis_core::to_text(desk.pool.read("", who.actor(), [&](Tx& tx, Session&) { return workflow::own_sheet(tx, desk.rubrics, sheet); })));
}

http::Response answer(Desk& desk, http::Request const& request) {
    auto const who = member(desk, request);
    auto const sheet = sheet_of(request);
    auto const body = dossiers::json_of(request);
    auto const answered = desk.pool.write(who.actor(), [&](Tx& tx, Session&) { return workflow::answer_sheet(tx, sheet, body); });
    rest::JsonWriter json;
    json.begin_object().member("id", sheet).member("answered", answered).end_object();
    return rest::private_json(200, json.take());
}

/// Signing is done again with the password, whoever left the browser open.
http::Response sign(Desk& desk, http::Request const& request) {
    auto const who = member(desk, request);
    auto const sheet = sheet_of(request);
    rest::JsonBody const body{request, {"own_password"}};
    desk.gate.accounts().require_password(who, body.text("own_password"), "own_password");
    auto const hash = desk.pool.write(who.actor(), [&](Tx& tx, Session&) { return workflow::sign_sheet(tx, desk.rubrics, sheet); });
    rest::JsonWriter json;
    json.begin_object().member("id", sheet).member("hash", std::string_view{hash}).end_object();
    return rest::private_json(201, json.take());
}

http::Response conflict(Desk& desk, http::Request const& request) {
    auto const who = member(desk, request);
    auto const sheet = sheet_of(request);
    rest::JsonBody const body{request, {"reason"}};
    desk.pool.write(who.actor(body.text("reason").substr(0, 1000)),
                    [&](Tx& tx, Session&) { workflow::declare_conflict(tx, desk.rubrics, sheet, body.text("reason")); });
    return rest::nothing();
}

}  // namespace

void add_scoring_routes(http::Router& router, Context& context) {
    auto const desk = dossiers::desk_of(context);
    auto const bound = [&](auto handler) { return dossiers::at_desk(desk, handler); };
    router.get("/api/score-sheets", bound(mine));
    router.get("/api/score-sheets/{id}", bound(read));
    router.add("PATCH", "/api/score-sheets/{id}", bound(answer));
    router.post("/api/score-sheets/{id}/signature", bound(sign));
    router.post("/api/score-sheets/{id}/conflict", bound(conflict));
}

}  // namespace api
