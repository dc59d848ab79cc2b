#include "programme/contact/feedback.hpp"

#include "api/accounts/gate.hpp"
#include "api/contact/handlers.hpp"
#include "api/ogc/links.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "programme/dictionary/dictionary.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace api {
namespace {

namespace contact = programme::contact;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using rest::JsonWriter;
using std::string_view;
using Tx = pqxx::transaction_base;

http::Response send(Contact& at, http::Request const& request) {
    Gate::require_same_origin(request);
    rest::JsonBody const body{request, {"kind", "product", "rating", "body", "place", "name", "contact", "website"}};
    contact::Feedback const feedback{.kind = body.text("kind"),
                                     .product = body.integer_or("product", 0),
                                     .rating = static_cast<int>(std::clamp(body.integer_or("rating", 0), -1LL, 100LL)),
                                     .body = body.text_or("body", ""),
                                     .place = body.text_or("place", ""),
                                     .name = body.text_or("name", ""),
                                     .contact = body.text_or("contact", ""),
                                     .trap = body.text_or("website", "")};
    auto const sent = at.pool.write([&](Tx& tx, Session& session) { return contact::send_feedback(tx, session, feedback, at.source_of(request)); });
    JsonWriter json;
    json.begin_object().member("id", sent.id).text_or_null("code", sent.code).end_object();
    auto response = rest::private_json(201, json.take());
    if (!sent.code.empty()) response.headers.add("Location", "/api/feedback/" + sent.code);
    return response;
}

http::Response follow(Contact& at, http::Request const& request) {
    request.query.allow_only({});
    auto const found = at.pool.read("", [&](Tx& tx, Session& session) { return contact::follow_feedback(tx, session, request.value(0)); });
    if (!found) throw Error{ErrorKind::not_found, "there is no feedback with this code"};
    JsonWriter json;
    json.begin_object().member("kind", string_view{found->kind}).member("state", string_view{found->state}).text_or_null("answer", found->answer);
    json.member("created_at", string_view{found->created_at}).member("updated_at", string_view{found->updated_at}).key("product");
    if (found->product.empty()) json.null();
    else json.begin_object().member("id", found->product_id).member("name", string_view{found->product}).end_object();
    json.end_object();
    return rest::private_json(200, json.take());
}

programme::accounts::Identity officer(Contact& at, http::Request const& request, bool writes) {
    auto who = at.gate.require(request);
    if (!contact::reads_feedback(who.role) || (writes && !contact::handles_feedback(who.role)))
        throw Error{ErrorKind::forbidden, writes ? "officers of the commune and the province (R04, R08) and inspectors (R14) answer feedback"
                                                 : "feedback is for the producer it is about, the commune, the province and inspectors"};
    return who;
}

void write_row(JsonWriter& json, contact::FeedbackRow const& row, bool with_sender) {
    json.begin_object().member("id", row.id).member("kind", string_view{row.kind}).key("product");
    if (row.product_id == 0) json.null();
    else json.begin_object().member("id", row.product_id).member("name", string_view{row.product}).end_object();
    json.text_or_null("producer", row.producer).member("body", string_view{row.body}).text_or_null("place", row.place).member("state", string_view{row.state});
    json.text_or_null("answer", row.answer).member("created_at", string_view{row.created_at}).member("updated_at", string_view{row.updated_at});
    json.member("version", row.version);
    if (with_sender) json.text_or_null("sender_name", row.name).text_or_null("sender_contact", row.contact).member("is_erased", row.is_erased);
    json.end_object();
}

http::Response list(Contact& at, http::Request const& request) {
    request.query.allow_only({"state", "before", "limit"});
    auto const who = officer(at, request, false);
    auto const before = request.query.find("before");
    auto const before_key = before ? rest::parse_id("before", *before) : 0;
    auto const limit = rest::integer_or(request.query, "limit", 50, 1, 200);
    auto const rows = at.pool.read("", who.actor(), [&](Tx& tx, Session& session) {
        return contact::list_feedback(tx, session, who.role, {.state = std::string{request.query.find("state").value_or("")}}, before_key, limit);
    });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& row : rows) write_row(json, row, contact::handles_feedback(who.role));
    json.end_array();
    if (rows.size() == static_cast<std::size_t>(limit))
        json.member("next", string_view{ogc::with_parameters(request, {{"before", std::to_string(rows.back().id)}})});
    json.end_object();
    return rest::private_json(200, json.take());
}

std::optional<contact::FeedbackRow> find(Contact& at, programme::accounts::Identity const& who, long long id) {
    return at.pool.read("", who.actor(), [&](Tx& tx, Session& session) { return contact::find_feedback(tx, session, who.role, id); });
}

http::Response row_answer(contact::FeedbackRow const& row, bool with_sender) {
    JsonWriter json;
    write_row(json, row, with_sender);
    auto response = rest::private_json(200, json.take());
    response.headers.add("ETag", rest::etag(row.version));
    return response;
}

http::Response read(Contact& at, http::Request const& request) {
    request.query.allow_only({});
    auto const who = officer(at, request, false);
    auto const id = rest::parse_id("id", request.value(0));
    auto const row = find(at, who, id);
    if (!row) throw Error{ErrorKind::not_found, fmt::format("there is no feedback {} that you may see", id)};
    return row_answer(*row, contact::handles_feedback(who.role));
}

http::Response change(Contact& at, http::Request const& request) {
    auto const who = officer(at, request, true);
    auto const id = rest::parse_id("id", request.value(0));
    auto const version = rest::wanted_version(request);
    rest::JsonBody const body{request, {"state", "answer"}};
    auto const state = body.text("state"), answer = body.text_or("answer", "");
    bool const is_done =
        at.pool.write(who.actor(), [&](Tx& tx, Session& session) { return contact::change_feedback(tx, session, id, version, state, answer); });
    auto const row = find(at, who, id);
    if (!row) throw Error{ErrorKind::not_found, fmt::format("there is no feedback {} that you may see", id)};
    if (!is_done) throw Error{ErrorKind::precondition_failed, fmt::format("feedback {} is at version {} by now", id, row->version)};
    return row_answer(*row, true);
}

http::Response reviews(Contact& at, http::Request const& request) {
    request.query.allow_only({});
    auto const id = rest::parse_id("id", request.value(0));
    auto const rows = at.pool.read("", [&](Tx& tx, Session& session) { return contact::shown_reviews(tx, session, id); });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& row : rows)
        json.begin_object().member("rating", row.rating).text_or_null("comment", row.comment).member("day", string_view{row.day}).end_object();
    json.end_array().end_object();
    auto response = http::Response::text(200, "application/json; charset=utf-8", json.take() + '\n');
    response.headers.add("Cache-Control", "no-cache");
    return response;
}

}  // namespace

void add_feedback_routes(http::Router& router, std::shared_ptr<Contact> const& contact) {
    auto const to = [&](auto handler) { return [contact, handler](http::Request const& request) { return handler(*contact, request); }; };
    router.post("/api/feedback", to(send));
    router.get("/api/feedback/{code}", to(follow));
    router.get("/api/feedback-cases", to(list));
    router.get("/api/feedback-cases/{id}", to(read));
    router.add("PATCH", "/api/feedback-cases/{id}", to(change));
    router.get("/api/products/{id}/reviews", to(reviews));
}

}  // namespace api
