#include "api/routes.hpp"

#include "api/accounts/gate.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "gis_core/error.hpp"
#include "http/router.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using programme::accounts::Accounts;
using programme::accounts::Identity;
using rest::JsonBody;
using rest::JsonWriter;
using rest::nothing;
using std::string_view;

http::Response answer(int status, JsonWriter& json) { return rest::private_json(status, json.take()); }

void write_grant(JsonWriter& json, programme::accounts::Grant const& grant) {
    json.begin_object().member("id", grant.id).member("role", string_view{grant.role}).text_or_null("scope", grant.scope);
    json.key("producer_id");
    grant.producer == 0 ? json.null() : json.value(grant.producer);
    json.member("valid_from", string_view{grant.valid_from}).text_or_null("valid_to", grant.valid_to).end_object();
}

void write_texts(JsonWriter& json, string_view name, std::vector<std::string> const& texts) {
    json.key(name).begin_array();
    for (auto const& text : texts) json.value(string_view{text});
    json.end_array();
}

http::Response session_answer(int status, Accounts& accounts, Identity const& who) {
    auto const grants = accounts.grants(who);
    JsonWriter json;
    json.begin_object().member("login", string_view{who.login}).member("name", string_view{who.display_name});
    json.member("second_factor", accounts.has_second_factor(who)).text_or_null("csrf_token", who.csrf).key("acting_grant");
    auto const acting = std::find_if(grants.begin(), grants.end(), [&](auto const& grant) { return grant.id == who.grant; });
    acting == grants.end() ? static_cast<void>(json.null()) : write_grant(json, *acting);
    json.key("grants").begin_array();
    for (auto const& grant : grants) write_grant(json, grant);
    json.end_array();
    if (who.key != 0) write_texts(json, "scopes", who.scopes);
    json.end_object();
    return answer(status, json);
}

http::Response sign_in(Gate& gate, http::Request const& request) {
    Gate::require_same_origin(request);
    JsonBody const body{request, {"login", "password", "code"}};
    auto const signed_in = gate.accounts().sign_in(body.text("login"), body.text("password"), body.text_or("code", ""), client_of(request), request.id);
    auto const who = gate.accounts().find_session(signed_in.token, request.id);
    if (!who) throw Error{ErrorKind::overloaded, "the session ended at once; sign in again"};
    auto response = session_answer(200, gate.accounts(), *who);
    set_cookies(request, response, signed_in);
    return response;
}

http::Response act_under(Gate& gate, http::Request const& request) {
    auto who = gate.require_session(request);
    JsonBody const body{request, {"grant"}};
    gate.accounts().act_under(who, body.integer("grant"));
    who.grant = body.integer("grant");
    return session_answer(200, gate.accounts(), who);
}

http::Response sign_out(Gate& gate, http::Request const& request) {
    auto const who = gate.require_session(request);
    gate.accounts().revoke_session(who, who.session);
    auto response = nothing();
    clear_session_cookie(request, response);
    return response;
}

http::Response list_sessions(Gate& gate, http::Request const& request) {
    request.query.allow_only({});
    auto const who = gate.require_session(request);
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& session : gate.accounts().sessions(who)) {
        json.begin_object()
            .member("id", session.id)
            .member("created_at", string_view{session.created_at})
            .member("last_seen_at", string_view{session.last_seen_at});
        json.member("address", string_view{session.address}).member("user_agent", string_view{session.user_agent});
        json.member("is_this_one", session.id == who.session).end_object();
    }
    json.end_array().end_object();
    return answer(200, json);
}

/// Somebody who found a browser open cannot lock its owner out of the others: an older sign-in gives its password with it.
programme::accounts::Identity ending_sessions(Gate& gate, http::Request const& request) {
    auto const who = gate.require_session(request);
    if (!who.is_recent) gate.accounts().require_recent(who, request.body.empty() ? "" : JsonBody{request, {"own_password"}}.text_or("own_password", ""));
    return who;
}

http::Response end_sessions(Gate& gate, http::Request const& request) {
    gate.accounts().revoke_sessions(ending_sessions(gate, request));
    auto response = nothing();
    clear_session_cookie(request, response);
    return response;
}

http::Response end_session(Gate& gate, http::Request const& request) {
    auto const who = ending_sessions(gate, request);
    if (!gate.accounts().revoke_session(who, rest::parse_id("id", request.value(0)))) {
        throw Error{ErrorKind::not_found, fmt::format("this account has no session {}", request.value(0))};
    }
    return nothing();
}

http::Response change_password(Gate& gate, http::Request const& request) {
    auto const who = gate.require_session(request);
    JsonBody const body{request, {"current", "password"}};
    gate.accounts().change_password(who, body.text("current"), body.text("password"));
    return nothing();
}

http::Response reset_password(Gate& gate, http::Request const& request) {
    Gate::require_same_origin(request);
    JsonBody const body{request, {"login", "code", "password"}};
    gate.accounts().reset_password(body.text("login"), body.text("code"), body.text("password"), client_of(request), request.id);
    return nothing();
}

/// Two steps at one address: with the password it offers a secret, with a code of that secret it begins to count.
http::Response add_second_factor(Gate& gate, http::Request const& request) {
    auto const who = gate.require_session(request);
    JsonBody const body{request, {"current", "code"}};
    JsonWriter json;
    if (body.has("code")) {
        json.begin_object();
        write_texts(json, "recovery_codes", gate.accounts().confirm_second_factor(who, body.text("code")));
    } else {
        auto const offer = gate.accounts().offer_second_factor(who, body.text("current"));
        json.begin_object().member("secret", string_view{offer.secret}).member("uri", string_view{offer.uri});
    }
    json.end_object();
    return answer(200, json);
}

http::Response remove_second_factor(Gate& gate, http::Request const& request) {
    auto const who = gate.require_session(request);
    JsonBody const body{request, {"current"}};
    gate.accounts().remove_second_factor(who, body.text("current"));
    return nothing();
}

http::Response list_keys(Gate& gate, http::Request const& request) {
    request.query.allow_only({});
    auto const who = gate.require_session(request);
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& key : gate.accounts().keys(who)) {
        json.begin_object().member("id", key.id).member("prefix", string_view{key.prefix}).member("name", string_view{key.name}).member("grant", key.grant);
        json.member("role", string_view{key.role}).text_or_null("scope", key.scope);
        write_texts(json, "scopes", key.scopes);
        json.member("rate_per_minute", key.rate_per_minute).member("expires_on", string_view{key.expires_on});
        json.text_or_null("last_used_on", key.last_used_on).end_object();
    }
    json.end_array().end_object();
    return answer(200, json);
}

http::Response make_key(Gate& gate, http::Request const& request) {
    auto const who = gate.require_session(request);
    JsonBody const body{request, {"name", "grant", "scopes", "rate_per_minute", "expires_on", "own_password"}};
    gate.accounts().require_recent(who, body.text_or("own_password", ""));
    auto const rate = body.integer_or("rate_per_minute", 60);
    auto const key = gate.accounts().make_key(who, {.name = body.text("name"),
                                                    .grant = body.integer_or("grant", who.grant),
                                                    .scopes = body.texts("scopes"),
                                                    .rate_per_minute = static_cast<int>(std::clamp(rate, 0LL, 1'000'000LL)),
                                                    .expires_on = body.text_or("expires_on", "")});
    JsonWriter json;
    json.begin_object().member("key", string_view{key}).end_object();
    return answer(201, json);
}

http::Response revoke_key(Gate& gate, http::Request const& request) {
    auto const who = gate.require_session(request);
    if (!gate.accounts().revoke_key(who, rest::parse_id("id", request.value(0)))) {
        throw Error{ErrorKind::not_found, fmt::format("this account has no key {}", request.value(0))};
    }
    return nothing();
}

http::Response ask_to_sign_up(Gate& gate, http::Request const& request) {
    Gate::require_same_origin(request);
    JsonBody const body{request, {"producer", "kind", "commune", "contact", "phone", "email", "note", "consent_version"}};
    auto const id = gate.accounts().sign_up({.producer = body.text("producer"),
                                             .kind = body.text("kind"),
                                             .commune = body.text("commune"),
                                             .contact = body.text("contact"),
                                             .phone = body.text("phone"),
                                             .email = body.text_or("email", ""),
                                             .note = body.text_or("note", ""),
                                             .consent_version = body.text_or("consent_version", "")},
                                            request.id);
    JsonWriter json;
    json.begin_object().member("id", id).end_object();
    return answer(201, json);
}

http::Response list_sign_ups(Gate& gate, http::Request const& request) {
    request.query.allow_only({"state"});
    auto const who = gate.require(request);
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& s : gate.accounts().sign_ups(who, std::string{request.query.find("state").value_or("")})) {
        json.begin_object().member("id", s.id).member("producer", string_view{s.producer}).member("kind", string_view{s.kind});
        json.key("commune").begin_object().member("code", string_view{s.commune_code}).member("name", string_view{s.commune_name}).end_object();
        json.member("contact", string_view{s.contact}).member("phone", string_view{s.phone}).text_or_null("email", s.email).text_or_null("note", s.note);
        json.member("consent_version", string_view{s.consent_version}).member("asked_at", string_view{s.asked_at}).member("state", string_view{s.state});
        json.text_or_null("reason", s.reason).key("producer_id");
        s.producer_id == 0 ? json.null() : json.value(s.producer_id);
        json.end_object();
    }
    json.end_array().end_object();
    return answer(200, json);
}

http::Response decide(Gate& gate, http::Request const& request) {
    auto const who = gate.require(request);
    JsonBody const body{request, {"confirm", "reason", "login"}};
    auto const done = gate.accounts().decide(who, rest::parse_id("id", request.value(0)),
                                             {.confirm = body.truth("confirm"), .reason = body.text_or("reason", ""), .login = body.text_or("login", "")});
    JsonWriter json;
    json.begin_object().member("state", string_view{done.state}).text_or_null("login", done.login).text_or_null("code", done.code).key("producer_id");
    done.producer == 0 ? json.null() : json.value(done.producer);
    json.end_object();
    return answer(200, json);
}

}  // namespace

void add_account_routes(http::Router& router, Context& context) {
    auto& gate = gate_of(context);
    using Call = http::Response (*)(Gate&, http::Request const&);
    auto const add = [&](char const* method, char const* path, Call call) {
        router.add(method, path, [&gate, call](http::Request const& request) { return call(gate, request); });
    };
    add("POST", "/api/session", sign_in);
    add("GET", "/api/session", [](Gate& g, http::Request const& request) {
        request.query.allow_only({});
        return session_answer(200, g.accounts(), g.recognise(request));
    });
    add("PATCH", "/api/session", act_under);
    add("DELETE", "/api/session", sign_out);
    add("GET", "/api/sessions", list_sessions);
    add("DELETE", "/api/sessions", end_sessions);
    add("DELETE", "/api/sessions/{id}", end_session);
    add("POST", "/api/password", change_password);
    add("POST", "/api/password-reset", reset_password);
    add("POST", "/api/second-factor", add_second_factor);
    add("DELETE", "/api/second-factor", remove_second_factor);
    add("GET", "/api/keys", list_keys);
    add("POST", "/api/keys", make_key);
    add("DELETE", "/api/keys/{id}", revoke_key);
    add("POST", "/api/sign-ups", ask_to_sign_up);
    add("GET", "/api/sign-ups", list_sign_ups);
    add("POST", "/api/sign-ups/{id}/decision", decide);
}

}  // namespace api
