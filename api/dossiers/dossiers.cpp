// Dossiers on their way from draft to certificate: /api/dossiers.
#include "programme/workflow/dossiers.hpp"

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/dossiers/desk.hpp"
#include "api/ogc/links.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "api/routes.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "http/router.hpp"
#include "programme/workflow/scoring.hpp"

#include <fmt/format.h>

namespace api {
namespace {

namespace workflow = programme::workflow;
using dossiers::Desk;
using gis_core::Json;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

long long dossier_of(http::Request const& request) { return rest::parse_id("id", request.value(0)); }

/// The dossier as it stands after a change.
http::Response view(Desk& desk, programme::accounts::Identity const& who, long long dossier, int status) {
    auto const json = desk.pool.read("", who.actor(), [&](Tx& tx, Session&) { return workflow::view_dossier(tx, desk.rubrics, dossier); });
    return rest::private_json(status, gis_core::to_text(json));
}

http::Response list(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    request.query.allow_only({"state", "waiting", "q", "product", "after", "limit"});
    auto const value = [&](char const* name) { return std::string{request.query.find(name).value_or("")}; };
    workflow::DossierQuery query{.state = value("state"), .is_waiting = value("waiting") == "true", .q = value("q"), .product = {}};
    if (auto const product = request.query.find("product")) query.product = rest::parse_id("product", *product);
    if (auto const after = request.query.find("after")) query.after = rest::parse_id("after", *after);
    query.limit = rest::integer_or(request.query, "limit", 50, 1, 200);
    dossiers::require_role(who, {"R02", "R04", "R05", "R06", "R07", "R08", "R09", "R10", "R11", "R12", "R13", "R14"});
    return rest::private_json(200, desk.pool.read("", who.actor(), [&](Tx& tx, Session&) { return workflow::list_dossiers(tx, query, who.role); }));
}

http::Response read(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    request.query.allow_only({});
    return view(desk, who, dossier_of(request), 200);
}

http::Response begin(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    dossiers::require_role(who, {"R02"});
    rest::JsonBody const body{request, {"product", "registration_kind", "carry_over"}};
    auto const carry_over = body.has("carry_over") && body.truth("carry_over");
    auto const product = body.integer("product");
    auto const kind = body.text("registration_kind");
    auto const key = desk.pool.write(who.actor(), [&](Tx& tx, Session&) { return workflow::begin_dossier(tx, product, kind, carry_over); });
    auto response = view(desk, who, key, 201);
    response.headers.add("Location", fmt::format("/api/dossiers/{}", key));
    return response;
}

http::Response fill(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    auto const id = dossier_of(request);
    auto const body = dossiers::json_of(request);
    dossiers::require_role(who, {"R02"});
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::fill_draft(tx, id, body); });
    return view(desk, who, id, 200);
}

http::Response step(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    auto const id = dossier_of(request);
    auto const body = dossiers::json_of(request);
    auto const action = body.is_object() && body.contains("action") && body["action"].is_string() ? body["action"].get<std::string>() : std::string{};
    if (action.empty()) throw gis_core::invalid_field("action", "", "one of the actions that GET of the dossier lists");
    auto const reason = body.contains("reason") && body["reason"].is_string() ? body["reason"].get<std::string>().substr(0, 1000) : std::string{};
    desk.pool.write(who.actor(reason), [&](Tx& tx, Session&) { workflow::take_step(tx, id, action, body); });
    return view(desk, who, id, 200);
}

http::Response answer_item(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    auto const id = dossier_of(request);
    auto const item = rest::parse_id("item", request.value(1));
    rest::JsonBody const body{request, {"answer"}};
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::answer_item(tx, item, body.text("answer")); });
    return view(desk, who, id, 200);
}

http::Response appraise(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    auto const id = dossier_of(request);
    auto const body = dossiers::json_of(request);
    dossiers::require_role(who, {"R09"});
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::write_appraisal(tx, id, body); });
    return view(desk, who, id, 200);
}

http::Response review(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    auto const id = dossier_of(request);
    auto const body = dossiers::json_of(request);
    dossiers::require_role(who, {"R04"});
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::write_review(tx, id, body); });
    return view(desk, who, id, 200);
}

http::Response meet(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    auto const id = dossier_of(request);
    auto const body = dossiers::json_of(request);
    dossiers::require_role(who, {"R04", "R05"});
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::write_meeting(tx, id, body); });
    return view(desk, who, id, 200);
}

http::Response attach_signed(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    auto const id = dossier_of(request);
    auto const body = dossiers::json_of(request);
    dossiers::require_role(who, {"R08", "R10", "R11", "R12", "R13"});
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::attach_signed(tx, id, body); });
    return view(desk, who, id, 201);
}

http::Response sheets(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    request.query.allow_only({});
    auto const id = dossier_of(request);
    dossiers::require_role(who, {"R08", "R10", "R11", "R12", "R13"});
    return rest::private_json(200, desk.pool.read("", who.actor(), [&](Tx& tx, Session&) { return workflow::sheets_of(tx, id); }));
}

http::Response close_round(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    auto const id = dossier_of(request);
    rest::JsonBody const body{request, {"without_absent"}};
    auto const without_absent = body.truth("without_absent");
    dossiers::require_role(who, {"R11"});
    auto const result = desk.pool.write(who.actor(), [&](Tx& tx, Session&) { return workflow::grade_round(tx, desk.rubrics, id, without_absent); });
    if (result.is_null())
        throw gis_core::Error{
            gis_core::ErrorKind::conflict,
            "Chưa đủ phiếu đã ký để tổng hợp (sheets are open or none is signed; without_absent closes the round without those who stayed away)"};
    return rest::private_json(200, gis_core::to_text(result));
}

}  // namespace

void add_dossier_routes(http::Router& router, Context& context) {
    auto const desk = dossiers::desk_of(context);
    auto const bound = [&](auto handler) { return dossiers::at_desk(desk, handler); };
    router.get("/api/dossiers", bound(list));
    router.post("/api/dossiers", bound(begin));
    router.get("/api/dossiers/{id}", bound(read));
    router.add("PATCH", "/api/dossiers/{id}", bound(fill));
    router.post("/api/dossiers/{id}/steps", bound(step));
    router.post("/api/dossiers/{id}/supplements/{item}", bound(answer_item));
    router.add("PUT", "/api/dossiers/{id}/review", bound(review));
    router.add("PUT", "/api/dossiers/{id}/appraisal", bound(appraise));
    router.add("PUT", "/api/dossiers/{id}/meeting", bound(meet));
    router.post("/api/dossiers/{id}/signed-files", bound(attach_signed));
    router.get("/api/dossiers/{id}/sheets", bound(sheets));
    router.post("/api/dossiers/{id}/result", bound(close_round));
    add_scoring_routes(router, context);
    add_rubric_routes(router, context);
    add_paper_routes(router, context);
}

}  // namespace api
