#include "programme/contact/messages.hpp"

#include "api/accounts/gate.hpp"
#include "api/contact/handlers.hpp"
#include "api/ogc/links.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "http/router.hpp"
#include "programme/records/records.hpp"

#include <fmt/format.h>

namespace api {
namespace {

namespace contact = programme::contact;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using rest::JsonWriter;
using std::string_view;
using Tx = pqxx::transaction_base;

/// Somebody, and a row that the role may read and that belongs to a producer.
struct Asker {
    programme::accounts::Identity who;
    programme::records::Lens lens;
    long long key;
};

Asker ask(Contact& at, http::Request const& request) {
    auto who = at.gate.require(request);
    auto const& entity = at.dictionary->entity(request.value(0));
    if (who.role.empty()) throw Error{ErrorKind::forbidden, "this account has no role in force"};
    auto const role = who.role;
    if (!at.access.right(entity.id, role).may_read()) throw Error{ErrorKind::forbidden, fmt::format("the role {} may not see {}", role, entity.id)};
    if (entity.scope != programme::dictionary::Scope::producer)
        throw Error{ErrorKind::not_found, fmt::format("{} belong to no producer: there are no messages on them", entity.id)};
    return {std::move(who), {entity, role}, rest::parse_id("id", request.value(1))};
}

void require_row(Tx& tx, Asker const& asker) {
    if (!programme::records::find(tx, asker.lens, asker.key))
        throw Error{ErrorKind::not_found, fmt::format("there is no row {} of {} that you may see", asker.key, asker.lens.entity.id)};
}

http::Response list(Contact& at, http::Request const& request) {
    request.query.allow_only({"before", "limit"});
    auto const asker = ask(at, request);
    auto const before = request.query.find("before");
    auto const before_key = before ? rest::parse_id("before", *before) : 0;
    auto const limit = rest::integer_or(request.query, "limit", 50, 1, 200);
    long long unread = 0;
    auto const messages = at.pool.read("", asker.who.actor(), [&](Tx& tx, Session& session) {
        require_row(tx, asker);
        auto const thread = contact::find_thread(tx, session, asker.lens.entity.table, asker.key);
        unread = thread ? thread->unread : 0;
        return thread ? contact::list_messages(tx, session, thread->id, before_key, limit) : std::vector<contact::Message>{};
    });
    JsonWriter json;
    json.begin_object().member("unread", unread).key("items").begin_array();
    for (auto const& message : messages) {
        json.begin_object().member("id", message.id).member("at", string_view{message.at}).member("author", string_view{message.author});
        json.member("role", string_view{message.role}).member("body", string_view{message.body}).member("is_mine", message.is_mine).end_object();
    }
    json.end_array();
    if (messages.size() == static_cast<std::size_t>(limit))
        json.member("earlier", string_view{ogc::with_parameters(request, {{"before", std::to_string(messages.front().id)}})});
    json.end_object();
    return rest::private_json(200, json.take());
}

http::Response write(Contact& at, http::Request const& request) {
    auto const asker = ask(at, request);
    rest::JsonBody const body{request, {"body"}};
    auto const text = body.text("body");
    auto const written = at.pool.write(asker.who.actor(),
                                       [&](Tx& tx, Session& session) { return contact::write_message(tx, session, asker.lens.entity.table, asker.key, text); });
    JsonWriter json;
    json.begin_object().member("id", written.message).member("thread", written.thread).end_object();
    return rest::private_json(201, json.take());
}

http::Response mark_read(Contact& at, http::Request const& request) {
    auto const asker = ask(at, request);
    at.pool.write(asker.who.actor(), [&](Tx& tx, Session& session) {
        require_row(tx, asker);
        if (auto const thread = contact::find_thread(tx, session, asker.lens.entity.table, asker.key)) contact::mark_thread_read(tx, session, thread->id);
    });
    return rest::nothing();
}

http::Response list_threads(Contact& at, http::Request const& request) {
    request.query.allow_only({"before", "limit"});
    auto const who = at.gate.require(request);
    auto const before = request.query.find("before");
    auto const before_key = before ? rest::parse_id("before", *before) : 0;
    auto const limit = rest::integer_or(request.query, "limit", 50, 1, 200);
    auto const threads = at.pool.read(
        "", who.actor(), [&](Tx& tx, Session& session) { return contact::list_threads(tx, session, at.tables_read(who.role), before_key, limit); });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& thread : threads) {
        auto const* entity = at.entity_of(thread.object);
        json.begin_object().member("id", thread.id).member("entity", string_view{entity->id}).member("record_id", thread.row);
        json.text_or_null("producer", thread.producer).member("last_at", string_view{thread.last_at}).member("unread", thread.unread).end_object();
    }
    json.end_array();
    if (threads.size() == static_cast<std::size_t>(limit))
        json.member("next", string_view{ogc::with_parameters(request, {{"before", std::to_string(threads.back().last_message)}})});
    json.end_object();
    return rest::private_json(200, json.take());
}

}  // namespace

void add_message_routes(http::Router& router, std::shared_ptr<Contact> const& contact) {
    auto const to = [&](auto handler) { return [contact, handler](http::Request const& request) { return handler(*contact, request); }; };
    router.get("/api/records/{entity}/{id}/messages", to(list));
    router.post("/api/records/{entity}/{id}/messages", to(write));
    router.post("/api/records/{entity}/{id}/messages/read", to(mark_read));
    router.get("/api/threads", to(list_threads));
}

}  // namespace api
