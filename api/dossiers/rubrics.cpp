// What scoring rests on: published rubrics, rounds, the calendar of working days, seats of a council.
#include "programme/workflow/rubrics.hpp"

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/dossiers/desk.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "api/routes.hpp"
#include "gis_core/db/pool.hpp"
#include "http/router.hpp"
#include "programme/workflow/settings.hpp"

namespace api {
namespace {

namespace workflow = programme::workflow;
using dossiers::Desk;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

http::Response open_json(std::string body) {
    auto response = http::Response::text(200, "application/json; charset=utf-8", std::move(body) + '\n');
    response.headers.add("Cache-Control", "no-cache");
    return response;
}

/// Visitors see what is published, the province's officers drafts as well.
template <typename Work>
auto read_as_asked(Desk& desk, http::Request const& request, Work&& work) {
    auto const who = desk.gate.find(request);
    return who ? desk.pool.read("", who->actor(), std::forward<Work>(work)) : desk.pool.read("", std::forward<Work>(work));
}

http::Response list(Desk& desk, http::Request const& request) {
    request.query.allow_only({});
    return open_json(read_as_asked(desk, request, [](Tx& tx, Session&) { return workflow::list_rubrics(tx); }));
}

http::Response read(Desk& desk, http::Request const& request) {
    request.query.allow_only({});
    auto const id = rest::parse_id("id", request.value(0));
    auto const rubric = read_as_asked(desk, request, [&](Tx& tx, Session&) { return workflow::content_of(tx, id); });
    return open_json(rubric);
}

http::Response read_set(Desk& desk, http::Request const& request) {
    request.query.allow_only({});
    auto const id = rest::parse_id("id", request.value(0));
    auto const set = static_cast<int>(rest::parse_id("set", request.value(1)));
    auto const rubric = read_as_asked(desk, request, [&](Tx& tx, Session&) { return desk.rubrics.find(tx, id); });
    return open_json(gis_core::to_text(programme::grading::to_json(rubric->set(set))));
}

http::Response propose(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    dossiers::require_role(who, {"R08"});
    auto const id = rest::parse_id("id", request.value(0));
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::propose_rubric(tx, id, who.account); });
    return rest::nothing();
}

http::Response publish(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    dossiers::require_role(who, {"R08"});
    auto const id = rest::parse_id("id", request.value(0));
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::publish_rubric(tx, id, who.account); });
    return rest::nothing();
}

http::Response rounds(Desk& desk, http::Request const& request) {
    request.query.allow_only({});
    return open_json(desk.pool.read("", [](Tx& tx, Session&) { return workflow::list_rounds(tx); }));
}

http::Response add_round(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    dossiers::require_role(who, {"R08"});
    rest::JsonBody const body{request, {"code", "proposals_until", "decide_until", "note"}};
    workflow::Round const round{body.text("code"), body.text("proposals_until"), body.text("decide_until"), body.text_or("note", "")};
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::add_round(tx, round); });
    return rest::private_json(201, desk.pool.read("", [](Tx& tx, Session&) { return workflow::list_rounds(tx); }));
}

http::Response sessions(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    request.query.allow_only({});
    dossiers::require_role(who, {"R08", "R09", "R10", "R11", "R12", "R13"});
    return rest::private_json(200, desk.pool.read("", who.actor(), [](Tx& tx, Session&) { return workflow::list_sessions(tx); }));
}

http::Response calendar(Desk& desk, http::Request const& request) {
    request.query.allow_only({});
    return open_json(desk.pool.read("", [](Tx& tx, Session&) { return workflow::list_calendar(tx); }));
}

http::Response set_day(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    dossiers::require_role(who, {"R08", "R16"});
    rest::JsonBody const body{request, {"kind", "name_vi", "name_en", "source"}};
    workflow::CalendarDay const day{std::string{request.value(0)}, body.text("kind"), body.text("name_vi"), body.text_or("name_en", ""),
                                    body.text_or("source", "")};
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::set_calendar_day(tx, day); });
    return rest::nothing();
}

http::Response drop_day(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    dossiers::require_role(who, {"R08", "R16"});
    auto const day = std::string{request.value(0)};
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::drop_calendar_day(tx, day); });
    return rest::nothing();
}

http::Response seat(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    dossiers::require_role(who, {"R08"});
    auto const member = rest::parse_id("id", request.value(0));
    rest::JsonBody const body{request, {"login"}};
    auto const login = body.text_or("login", "");
    desk.pool.write(who.actor(), [&](Tx& tx, Session&) { workflow::seat_member(tx, member, login); });
    return rest::nothing();
}

}  // namespace

void add_rubric_routes(http::Router& router, Context& context) {
    auto const desk = dossiers::desk_of(context);
    auto const bound = [&](auto handler) { return dossiers::at_desk(desk, handler); };
    router.get("/api/rubrics", bound(list));
    router.get("/api/rubrics/{id}", bound(read));
    router.get("/api/rubrics/{id}/sets/{set}", bound(read_set));
    router.post("/api/rubrics/{id}/proposal", bound(propose));
    router.post("/api/rubrics/{id}/publication", bound(publish));
    router.get("/api/rounds", bound(rounds));
    router.post("/api/rounds", bound(add_round));
    router.get("/api/council-sessions", bound(sessions));
    router.get("/api/calendar", bound(calendar));
    router.add("PUT", "/api/calendar/{day}", bound(set_day));
    router.add("DELETE", "/api/calendar/{day}", bound(drop_day));
    router.add("PUT", "/api/council-members/{id}/account", bound(seat));
}

}  // namespace api
