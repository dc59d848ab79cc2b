#include "api/accounts/pages.hpp"

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/pages/form.hpp"
#include "api/pages/pages.hpp"
#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "programme/qr_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using pages::Address;
using pages::Form;
using pages::Pages;
using pages::see_other;
using pages::Texts;
using programme::accounts::Identity;
using Language = Pages::Language;

constexpr Address kSignIn{"/dang-nhap", "/en/sign-in"}, kSignOut{"/dang-xuat", "/en/sign-out"}, kNewPassword{"/mat-khau-moi", "/en/new-password"},
    kSignUp{"/dang-ky", "/en/sign-up"}, kAccount{"/tai-khoan", "/en/account"};

constexpr std::array kKinds{"cooperative", "cooperative_group", "company", "private_enterprise", "household"};

/// Where to go on after signing in: a place of ours, or the account.
std::string next_of(std::string const& asked, Language language) {
    bool const is_ours = asked.size() > 1 && asked[0] == '/' && asked[1] != '/' && asked[1] != '\\' &&
                         std::all_of(asked.begin(), asked.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
    return is_ours ? asked : kAccount.in(language);
}

/// What went wrong, as people say it. Internal faults are not theirs: those go on as they are.
std::string said(Texts const& t, Error const& error) {
    auto const& fields = error.fields();
    switch (error.kind()) {
    case ErrorKind::internal:
    case ErrorKind::upstream: throw error;
    case ErrorKind::overloaded: return t("acc_error_busy");
    case ErrorKind::too_many_requests: return t("acc_error_wait", {{"n", fields.empty() ? "60" : fields[0].allowed}});
    default: break;
    }
    if (fields.empty()) {
        if (error.kind() == ErrorKind::unauthenticated) return t("acc_error_sign_in");
        if (error.kind() == ErrorKind::forbidden) return t("acc_error_forbidden");
        return error.what();
    }
    auto const field = fields[0].field;
    for (auto const& key : {"acc_error_" + field + (error.kind() == ErrorKind::unauthenticated ? "_sign_in" : ""), "acc_error_" + field}) {
        if (t.has(key)) return t(key, {{"value", fields[0].value}});
    }
    return error.what();
}

/// One visit of one of these pages.
struct Visit {
    Gate& gate;
    Pages& pages;
    http::Request const& request;
    Language language;
    Texts const& t;

    http::Response show(Address const& address, char const* name, Json model, int status = 200) const {
        model["other_href"] = address.in(language == Language::vi ? Language::en : Language::vi);
        model["here"] = address.in(language);
        model["sign_in_href"] = kSignIn.in(language);
        model["sign_out_href"] = kSignOut.in(language);
        model["sign_up_href"] = kSignUp.in(language);
        model["new_password_href"] = kNewPassword.in(language);
        return pages.personal(request, language, name, std::move(model), status);
    }
    std::optional<Identity> session() const {
        auto who = gate.find(request);
        return who && who->session != 0 ? who : std::nullopt;
    }
};

// --- signing in and out ---------------------------------------------------------------------------------------------------

http::Response sign_in_form(Visit const& visit, Json model, int status = 200) {
    model["title"] = visit.t("acc_sign_in");
    return visit.show(kSignIn, "sign_in", std::move(model), status);
}

http::Response get_sign_in(Visit const& visit) {
    auto const next = std::string{visit.request.query.find("next").value_or("")};
    if (visit.session()) return see_other(next_of(next, visit.language));
    Json model{{"next", next}};
    if (visit.request.query.find("done") == "password") model["done"] = visit.t("acc_password_done");
    if (visit.request.query.find("done") == "out") model["done"] = visit.t("acc_out_done");
    return sign_in_form(visit, std::move(model));
}

http::Response post_sign_in(Visit const& visit) {
    Gate::require_same_origin(visit.request);
    Form const form{visit.request};
    try {
        auto const signed_in = visit.gate.accounts().sign_in(form["login"], form["password"], form["code"], client_of(visit.request), visit.request.id);
        auto response = see_other(next_of(form["next"], visit.language));
        set_cookies(visit.request, response, signed_in);
        return response;
    } catch (Error const& error) {
        Json model{{"error", said(visit.t, error)}, {"login", form["login"]}, {"next", form["next"]}};
        model["wants_code"] = !error.fields().empty() && error.fields()[0].field == "code";
        return sign_in_form(visit, std::move(model), http::status_of(error.kind()));
    }
}

http::Response post_sign_out(Visit const& visit) {
    auto response = see_other(kSignIn.in(visit.language) + "?done=out");
    if (visit.session()) {
        auto const who = visit.gate.require_session(visit.request);
        visit.gate.accounts().revoke_session(who, who.session);
    }
    clear_session_cookie(visit.request, response);
    return response;
}

http::Response new_password_form(Visit const& visit, Json model, int status = 200) {
    model["title"] = visit.t("acc_new_password");
    return visit.show(kNewPassword, "new_password", std::move(model), status);
}

http::Response post_new_password(Visit const& visit) {
    Gate::require_same_origin(visit.request);
    Form const form{visit.request};
    try {
        visit.gate.accounts().reset_password(form["login"], form["code"], form["password"], client_of(visit.request), visit.request.id);
        return see_other(kSignIn.in(visit.language) + "?done=password");
    } catch (Error const& error) {
        return new_password_form(visit, {{"error", said(visit.t, error)}, {"login", form["login"]}, {"code", form["code"]}}, http::status_of(error.kind()));
    }
}

// --- sign-up --------------------------------------------------------------------------------------------------------------

http::Response sign_up_form(Visit const& visit, Json model, int status = 200) {
    model["title"] = visit.t("acc_sign_up");
    auto const kind = model.value("kind", std::string{}), commune = model.value("commune", std::string{});
    Json kinds = Json::array(), communes = Json::array();
    for (auto const* code : kKinds) kinds.push_back({{"code", code}, {"name", visit.t(std::string{"kind_"} + code)}, {"is_chosen", kind == code}});
    for (auto const& unit : visit.gate.accounts().communes(visit.request.id)) {
        communes.push_back({{"code", unit.code}, {"name", unit.name}, {"is_chosen", commune == unit.code}});
    }
    model["kinds"] = std::move(kinds);
    model["communes"] = std::move(communes);
    model["consent_version"] = programme::accounts::kConsentVersion;
    return visit.show(kSignUp, "sign_up", std::move(model), status);
}

http::Response post_sign_up(Visit const& visit) {
    Gate::require_same_origin(visit.request);
    Form const form{visit.request};
    Json typed;
    for (auto const* field : {"producer", "kind", "commune", "contact", "phone", "email", "note"}) typed[field] = form[field];
    try {
        auto const id = visit.gate.accounts().sign_up({.producer = form["producer"],
                                                       .kind = form["kind"],
                                                       .commune = form["commune"],
                                                       .contact = form["contact"],
                                                       .phone = form["phone"],
                                                       .email = form["email"],
                                                       .note = form["note"],
                                                       .consent_version = form["consent"]},
                                                      visit.request.id);
        return sign_up_form(visit, {{"done", visit.t("acc_sign_up_done", {{"n", std::to_string(id)}})}});
    } catch (Error const& error) {
        typed["error"] = said(visit.t, error);
        typed["has_consent"] = form["consent"] == programme::accounts::kConsentVersion;
        return sign_up_form(visit, std::move(typed), http::status_of(error.kind()));
    }
}

// --- the account ----------------------------------------------------------------------------------------------------------

std::string when(std::string const& iso) { return fmt::format("{} {}", iso.substr(11, 5), Texts::date(iso)); }

http::Response account_page(Visit const& visit, Identity const& who, Json model, int status = 200) {
    auto& accounts = visit.gate.accounts();
    auto const& t = visit.t;
    auto const role_name = [&](std::string const& role) { return t("role_" + role); };
    model["title"] = who.display_name;
    model["csrf"] = who.csrf;
    model["asks_password"] = !who.is_recent;
    model["login"] = who.login;
    Json grants = Json::array(), sessions = Json::array(), keys = Json::array(), sign_ups = Json::array();
    for (auto const& grant : accounts.grants(who)) {
        bool const is_acting = grant.id == who.grant;
        grants.push_back({{"id", grant.id},
                          {"role", role_name(grant.role)},
                          {"scope", grant.scope},
                          {"until", grant.valid_to.empty() ? "" : t("acc_until", {{"date", Texts::last_day(grant.valid_to)}})},
                          {"is_acting", is_acting}});
        if (is_acting) model["acting"] = grant.scope.empty() ? role_name(grant.role) : role_name(grant.role) + ", " + grant.scope;
    }
    for (auto const& session : accounts.sessions(who)) {
        sessions.push_back({{"id", session.id},
                            {"user_agent", session.user_agent},
                            {"address", session.address},
                            {"seen", t("acc_seen", {{"when", when(session.last_seen_at)}})},
                            {"is_this_one", session.id == who.session}});
    }
    for (auto const& key : accounts.keys(who)) {
        std::string scopes;
        for (auto const& scope : key.scopes) scopes += (scopes.empty() ? "" : ", ") + t("acc_scope_" + scope);
        keys.push_back({{"id", key.id},
                        {"name", key.name},
                        {"prefix", key.prefix},
                        {"about", fmt::format("{}; {}; {}", role_name(key.role), scopes, t("acc_rate", {{"n", std::to_string(key.rate_per_minute)}}))},
                        {"until", t("acc_until", {{"date", Texts::date(key.expires_on)}})},
                        {"used", key.last_used_on.empty() ? t("acc_never_used") : t("acc_used", {{"date", Texts::date(key.last_used_on)}})}});
    }
    if (who.role == "R04") {
        for (auto const& s : accounts.sign_ups(who, "pending")) {
            sign_ups.push_back({{"id", s.id},
                                {"producer", s.producer},
                                {"kind", t("kind_" + s.kind)},
                                {"commune", s.commune_name},
                                {"contact", s.contact},
                                {"phone", s.phone},
                                {"email", s.email},
                                {"note", s.note},
                                {"asked", when(s.asked_at)}});
        }
        model["decides"] = true;
    }
    model["has_grants"] = !grants.empty();
    model["has_keys"] = !keys.empty();
    model["has_sign_ups"] = !sign_ups.empty();
    model["grants"] = std::move(grants);
    model["sessions"] = std::move(sessions);
    model["keys"] = std::move(keys);
    model["sign_ups"] = std::move(sign_ups);
    model["has_second_factor"] = accounts.has_second_factor(who);
    if (auto const done = visit.request.query.find("done"); done && t.has(fmt::format("acc_done_{}", *done)))
        model["done"] = t(fmt::format("acc_done_{}", *done));
    return visit.show(kAccount, "account", std::move(model), status);
}

http::Response to_sign_in(Visit const& visit) { return see_other(kSignIn.in(visit.language) + "?next=" + kAccount.in(visit.language)); }

http::Response get_account(Visit const& visit) {
    auto const who = visit.session();
    return who ? account_page(visit, *who, Json::object()) : to_sign_in(visit);
}

/// Does what the form asks for; empty when it is done and there is nothing to be told once.
Json act(Gate& gate, Identity const& who, Form const& form, Texts const& t, std::string const& action) {
    auto& accounts = gate.accounts();
    if (action == "act") accounts.act_under(who, form.number("grant"));
    else if (action == "end-sessions") {  // with an id, that one
        accounts.require_recent(who, form["own_password"]);
        if (form["id"].empty()) accounts.revoke_sessions(who);
        else accounts.revoke_session(who, form.number("id"));
    }
    else if (action == "password") accounts.change_password(who, form["current"], form["password"]);
    else if (action == "second-factor-off") accounts.remove_second_factor(who, form["current"]);
    else if (action == "revoke-key") accounts.revoke_key(who, form.number("id"));
    else if (action == "refuse") accounts.decide(who, form.number("id"), {.confirm = false, .reason = form["reason"], .login = {}});
    else if (action == "second-factor") {
        auto const offer = accounts.offer_second_factor(who, form["current"]);
        auto const qr = programme::make_qr_code(offer.uri);
        return {{"offer", {{"secret", offer.secret}, {"size", qr.size}, {"path", qr.path}}}};
    } else if (action == "second-factor-on") {
        return {{"has_recovery_codes", true}, {"recovery_codes", accounts.confirm_second_factor(who, form["code"])}};
    } else if (action == "key") {
        accounts.require_recent(who, form["own_password"]);
        std::vector<std::string> scopes{"read"};
        if (!form["write"].empty()) scopes.emplace_back("write");
        return {{"new_key", accounts.make_key(who, {.name = form["name"], .grant = who.grant, .scopes = scopes, .rate_per_minute = 60, .expires_on = {}})}};
    } else if (action == "confirm") {
        auto const decided = accounts.decide(who, form.number("id"), {.confirm = true, .reason = {}, .login = form["login"]});
        return {{"handed", t("acc_handed", {{"login", decided.login}, {"code", decided.code}})}};
    } else {
        throw gis_core::invalid_field("action", action, "one of the account's forms");
    }
    return nullptr;
}

http::Response post_account(Visit const& visit) {
    if (!visit.session()) return to_sign_in(visit);
    auto const who = visit.gate.require_session(visit.request);
    Form const form{visit.request};
    auto const action = form["action"];
    try {
        auto told = act(visit.gate, who, form, visit.t, action);
        if (!told.is_null()) return account_page(visit, who, std::move(told));
        auto const ends = action == "end-sessions" && (form["id"].empty() || form["id"] == std::to_string(who.session));
        return see_other(ends ? kSignIn.in(visit.language) + "?done=out" : kAccount.in(visit.language) + "?done=" + action);
    } catch (Error const& error) {
        return account_page(visit, who, {{"error", said(visit.t, error)}}, http::status_of(error.kind()));
    }
}

}  // namespace

void add_account_pages(http::Router& router, Context& context, std::shared_ptr<Pages> const& pages) {
    auto& gate = gate_of(context);
    using Call = http::Response (*)(Visit const&);
    auto const add = [&](char const* method, Address const& address, Call call) {
        for (auto const language : {Language::vi, Language::en}) {
            router.add(method, address.in(language), [&gate, pages, language, call](http::Request const& request) {
                return pages->guarded(request, language, [&] { return call({gate, *pages, request, language, pages->texts(language)}); });
            });
        }
    };
    add("GET", kSignIn, get_sign_in);
    add("POST", kSignIn, post_sign_in);
    add("POST", kSignOut, post_sign_out);
    add("GET", kNewPassword, [](Visit const& visit) { return new_password_form(visit, Json::object()); });
    add("POST", kNewPassword, post_new_password);
    add("GET", kSignUp, [](Visit const& visit) { return sign_up_form(visit, Json::object()); });
    add("POST", kSignUp, post_sign_up);
    add("GET", kAccount, get_account);
    add("POST", kAccount, post_account);
}

}  // namespace api
