// Accounts of others, for administrators: /api/accounts.
#include "programme/accounts/administration.hpp"

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/ogc/links.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "api/routes.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "http/router.hpp"

#include <fmt/format.h>

namespace api {
namespace {

namespace accounts = programme::accounts;
using accounts::Identity;
using gis_core::db::Session;
using rest::JsonBody;
using rest::JsonWriter;
using std::string_view;
using Tx = pqxx::transaction_base;

struct Office {
    gis_core::db::Pool& pool;
    Gate& gate;
};

long long account_of(http::Request const& request) { return rest::parse_id("id", request.value(0)); }

void write_account(JsonWriter& json, accounts::AccountInfo const& account) {
    json.begin_object().member("id", account.id).member("login", string_view{account.login}).member("name", string_view{account.name});
    json.text_or_null("email", account.email).text_or_null("phone", account.phone).member("state", string_view{account.state});
    json.member("second_factor", account.has_second_factor).member("is_demo", account.is_demo).member("created_at", string_view{account.created_at});
    json.text_or_null("password_changed_at", account.password_changed_at).text_or_null("last_sign_in_at", account.last_sign_in_at);
    json.member("sessions", account.sessions).member("keys", account.keys).text_or_null("code_until", account.code_until);
    json.key("grants").raw(account.grants).member("version", account.version).end_object();
}

http::Response account_answer(int status, accounts::AccountInfo const& account) {
    JsonWriter json;
    write_account(json, account);
    auto response = rest::private_json(status, json.take());
    response.headers.add("ETag", rest::etag(account.version));
    return response;
}

http::Response code_answer(accounts::AccountInfo const& account, std::string const& code) {
    JsonWriter json;
    json.begin_object().member("id", account.id).member("login", string_view{account.login}).member("code", string_view{code});
    json.member("code_until", string_view{account.code_until}).end_object();
    auto response = rest::private_json(201, json.take());
    response.headers.add("Location", fmt::format("/api/accounts/{}", account.id));
    return response;
}

http::Response list(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    request.query.allow_only({"q", "role", "unit", "state", "after", "limit"});
    auto const value = [&](char const* name) { return std::string{request.query.find(name).value_or("")}; };
    accounts::AccountQuery const query{.q = value("q"),
                                       .role = value("role"),
                                       .unit = value("unit"),
                                       .state = value("state"),
                                       .after = value("after"),
                                       .limit = rest::integer_or(request.query, "limit", 50, 1, 200)};
    auto const page = office.pool.read("", who.actor(), [&](Tx& tx, Session& session) { return accounts::list_accounts(tx, session, query); });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& account : page.items) write_account(json, account);
    json.end_array();
    if (!page.next.empty()) json.member("next", string_view{ogc::with_parameters(request, {{"after", page.next}})});
    json.end_object();
    return rest::private_json(200, json.take());
}

http::Response read(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    request.query.allow_only({});
    auto const id = account_of(request);
    return account_answer(200, office.pool.read("", who.actor(), [&](Tx& tx, Session& session) { return accounts::read_account(tx, session, id); }));
}

http::Response create(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    JsonBody const body{request, {"login", "name", "email", "phone", "own_password"}};
    accounts::NewUser const user{
        .login = body.text("login"), .name = body.text("name"), .email = body.text_or("email", ""), .phone = body.text_or("phone", "")};
    office.gate.accounts().require_recent(who, body.text_or("own_password", ""));
    return office.pool.write(who.actor(), [&](Tx& tx, Session& session) {
        auto const id = accounts::add_user(tx, session, user);
        auto const code = accounts::hand_out_code(tx, session, who, id);
        return code_answer(accounts::read_account(tx, session, id), code);
    });
}

http::Response change(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    auto const id = account_of(request);
    auto const version = rest::wanted_version(request);
    JsonBody const body{request, {"name", "email", "phone", "state"}};
    auto const given = [&](char const* field) { return body.has(field) ? std::optional{body.text(field)} : std::nullopt; };
    accounts::AccountChange const wanted{.name = given("name"), .email = given("email"), .phone = given("phone"), .state = given("state")};
    return account_answer(200, office.pool.write(who.actor(), [&](Tx& tx, Session& session) {
        accounts::change_account(tx, session, who, id, version, wanted);
        return accounts::read_account(tx, session, id);
    }));
}

http::Response hand_out_code(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    auto const id = account_of(request);
    JsonBody const body{request, {"own_password"}};
    office.gate.accounts().require_recent(who, body.text_or("own_password", ""));
    return office.pool.write(who.actor(), [&](Tx& tx, Session& session) {
        auto const code = accounts::hand_out_code(tx, session, who, id);
        return code_answer(accounts::read_account(tx, session, id), code);
    });
}

http::Response end_sessions(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    auto const id = account_of(request);
    office.pool.write(who.actor(), [&](Tx& tx, Session& session) { accounts::end_sessions(tx, session, who, id); });
    return rest::nothing();
}

http::Response reset_second_factor(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    auto const id = account_of(request);
    JsonBody const body{request, {"own_password"}};
    office.gate.accounts().require_recent(who, body.text_or("own_password", ""));
    office.pool.write(who.actor(), [&](Tx& tx, Session& session) { accounts::reset_second_factor(tx, session, who, id); });
    return rest::nothing();
}

http::Response give_role(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    auto const id = account_of(request);
    JsonBody const body{request, {"role", "unit", "producer", "valid_from", "valid_to", "document", "own_password"}};
    accounts::NewGrant const grant{.role = body.text("role"),
                                   .unit = body.text_or("unit", ""),
                                   .producer = body.integer_or("producer", 0),
                                   .from = body.text_or("valid_from", ""),
                                   .to = body.text_or("valid_to", ""),
                                   .document = body.text_or("document", "")};
    office.gate.accounts().require_recent(who, body.text_or("own_password", ""));
    return account_answer(201, office.pool.write(who.actor(), [&](Tx& tx, Session& session) {
        accounts::give_role(tx, session, who, id, grant);
        return accounts::read_account(tx, session, id);
    }));
}

http::Response take_role(Office& office, http::Request const& request) {
    auto const who = office.gate.require_administrator(request);
    auto const id = account_of(request);
    auto const grant = rest::parse_id("grant", request.value(1));
    auto const version = rest::wanted_version(request);
    JsonBody const body{request, {"valid_to"}};
    return account_answer(200, office.pool.write(who.actor(), [&](Tx& tx, Session& session) {
        accounts::take_role(tx, session, id, version, grant, body.text("valid_to"));
        return accounts::read_account(tx, session, id);
    }));
}

}  // namespace

void add_administration_routes(http::Router& router, Context& context) {
    auto const office = std::make_shared<Office>(Office{context.pool, gate_of(context)});
    auto const add = [&](char const* method, char const* path, http::Response (*call)(Office&, http::Request const&)) {
        router.add(method, path, [office, call](http::Request const& request) { return call(*office, request); });
    };
    add("GET", "/api/accounts", list);
    add("POST", "/api/accounts", create);
    add("GET", "/api/accounts/{id}", read);
    add("PATCH", "/api/accounts/{id}", change);
    add("POST", "/api/accounts/{id}/reset-code", hand_out_code);
    add("DELETE", "/api/accounts/{id}/sessions", end_sessions);
    add("DELETE", "/api/accounts/{id}/second-factor", reset_second_factor);
    add("POST", "/api/accounts/{id}/grants", give_role);
    add("PATCH", "/api/accounts/{id}/grants/{grant}", take_role);
}

}  // namespace api
