#include "programme/contact/notices.hpp"

#include "api/accounts/gate.hpp"
#include "api/contact/handlers.hpp"
#include "api/context.hpp"
#include "api/ogc/links.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
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

programme::accounts::Identity somebody(Gate& gate, http::Request const& request) {
    auto who = gate.require(request);
    if (who.role.empty()) throw Error{ErrorKind::forbidden, "this account has no role in force"};
    return who;
}

http::Response list(Contact& at, http::Request const& request) {
    request.query.allow_only({"after", "limit"});
    auto const who = somebody(at.gate, request);
    auto const limit = rest::integer_or(request.query, "limit", 50, 1, 200);
    auto const after = request.query.find("after").value_or("");
    auto const page = at.pool.read("", who.actor(), [&](Tx& tx, Session& session) { return contact::list_notices(tx, session, after, limit); });
    JsonWriter json;
    json.begin_object().member("unread", page.unread).key("items").begin_array();
    for (auto const& notice : page.items) {
        auto const* entity = at.entity_of(notice.object);
        json.begin_object()
            .member("id", notice.id)
            .member("kind", string_view{notice.kind})
            .member("at", string_view{notice.at})
            .text_or_null("read_at", notice.read_at);
        json.key("facts").raw(notice.facts).key("record");
        entity != nullptr ? json.value(string_view{fmt::format("/api/records/{}/{}", entity->id, notice.row)}) : json.null();
        json.end_object();
    }
    json.end_array();
    if (!page.next.empty()) json.member("next", string_view{ogc::with_parameters(request, {{"after", page.next}})});
    json.end_object();
    return rest::private_json(200, json.take());
}

http::Response read_one(Contact& at, http::Request const& request) {
    auto const who = somebody(at.gate, request);
    auto const id = rest::parse_id("id", request.value(0));
    if (!at.pool.write(who.actor(), [&](Tx& tx, Session& session) { return contact::mark_read(tx, session, id); }))
        throw Error{ErrorKind::not_found, fmt::format("this account has no notification {}", id)};
    return rest::nothing();
}

http::Response read_all(Contact& at, http::Request const& request) {
    auto const who = somebody(at.gate, request);
    at.pool.write(who.actor(), [&](Tx& tx, Session& session) { contact::mark_all_read(tx, session); });
    return rest::nothing();
}

http::Response settings_answer(Contact& at, programme::accounts::Identity const& who) {
    auto const settings = at.pool.read("", who.actor(), [&](Tx& tx, Session& session) { return contact::settings(tx, session, who.role); });
    JsonWriter json;
    json.begin_object().key("mail").begin_object();
    for (auto const& setting : settings) json.member(setting.kind, setting.mails);
    json.end_object().end_object();
    return rest::private_json(200, json.take());
}

http::Response get_settings(Contact& at, http::Request const& request) {
    request.query.allow_only({});
    return settings_answer(at, somebody(at.gate, request));
}

http::Response change_settings(Contact& at, http::Request const& request) {
    auto const who = at.gate.require_session(request);
    rest::JsonBody const body{request, {"kind", "mail"}};
    auto const kind = body.text("kind");
    auto const mails = body.truth("mail");
    at.pool.write(who.actor(), [&](Tx& tx, Session& session) { contact::set_mail(tx, session, kind, mails); });
    return settings_answer(at, who);
}

}  // namespace

std::string Contact::source_of(http::Request const& request) const { return vault.hash(client_of(request).address); }

std::vector<std::string> Contact::tables_read(std::string const& role) const {
    std::vector<std::string> tables;
    for (auto const& entity : dictionary->entities()) {
        if (entity.scope == programme::dictionary::Scope::producer && access.right(entity.id, role).may_read()) tables.push_back(entity.table);
    }
    return tables;
}

programme::dictionary::Entity const* Contact::entity_of(std::string const& table) const {
    auto const& entities = dictionary->entities();
    auto const found = std::find_if(entities.begin(), entities.end(), [&](auto const& entity) { return entity.table == table; });
    return found == entities.end() ? nullptr : &*found;
}

std::shared_ptr<Contact> make_contact(Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary) {
    auto access = programme::access::Access::load(context.config.data_dir, *dictionary);
    return std::make_shared<Contact>(
        Contact{context.pool, gate_of(context), std::move(dictionary), std::move(access), programme::accounts::Vault{context.config.secret_key}});
}

void add_notice_routes(http::Router& router, std::shared_ptr<Contact> const& contact) {
    auto const to = [&](auto handler) { return [contact, handler](http::Request const& request) { return handler(*contact, request); }; };
    router.get("/api/notifications", to(list));
    router.post("/api/notifications/{id}/read", to(read_one));
    router.post("/api/notifications/read-all", to(read_all));
    router.get("/api/notifications/settings", to(get_settings));
    router.add("PATCH", "/api/notifications/settings", to(change_settings));
}

}  // namespace api
