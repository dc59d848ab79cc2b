// Accounts of others: list, one account, a new one.
#include "api/workplace/administration.hpp"

#include "api/ogc/links.hpp"
#include "api/rest/parameters.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "programme/accounts/administration.hpp"

#include <fmt/format.h>

#include <array>

namespace api::workplace {

namespace accounts = programme::accounts;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;
using pages::Form;
using pages::Texts;
using Tx = pqxx::transaction_base;

namespace {

constexpr int kPage = 50;
constexpr std::array kStates{"pending", "active", "locked", "closed"};

std::string moment_or(Texts const& t, std::string const& iso, char const* otherwise) { return iso.empty() ? t(otherwise) : moment(iso); }

/// What went wrong, as people say it. Internal faults are not theirs: those go on as they are.
std::string said(Texts const& t, Error const& error) {
    switch (error.kind()) {
    case ErrorKind::internal:
    case ErrorKind::upstream:
    case ErrorKind::not_found: throw error;
    case ErrorKind::precondition_failed: return t("adm_error_stale");
    case ErrorKind::overloaded: return t("acc_error_busy");
    case ErrorKind::too_many_requests: return t("acc_error_wait", {{"n", error.fields().empty() ? "60" : error.fields()[0].allowed}});
    default: break;
    }
    if (error.fields().empty()) return t(error.kind() == ErrorKind::conflict ? "adm_error_conflict" : "acc_error_forbidden");
    auto const& field = error.fields()[0];
    for (auto const* prefix : {"adm_error_", "acc_error_"}) {
        if (auto const key = prefix + field.field; t.has(key)) return t(key, {{"value", field.value}});
    }
    return error.what();
}

Json choice(std::string const& value, std::string const& label, std::string const& chosen) {
    return {{"option_value", value}, {"option_label", label}, {"is_chosen", value == chosen}};
}

Json roles(Texts const& t, std::string const& chosen) {
    Json out = Json::array();
    for (int number = 2; number <= 18; ++number) {
        auto const role = fmt::format("R{:02}", number);
        out.push_back(choice(role, fmt::format("{} ({})", t("role_" + role), role), chosen));
    }
    return out;
}

/// Units by level. as_grant: an old district is a choice, and bears the last day on which it was one.
Json units(Texts const& t, std::vector<accounts::UnitChoice> const& choices, std::string const& chosen, bool as_grant) {
    Json levels = Json::array();
    std::string level;
    for (auto const& unit : choices) {
        if (!as_grant && unit.level == "district") continue;
        if (unit.level != level) {
            level = unit.level;
            levels.push_back({{"level", t("adm_level_" + level)}, {"units", Json::array()}});
        }
        auto const value = unit.last_day.empty() ? unit.code : unit.code + '@' + unit.last_day;
        levels.back()["units"].push_back(choice(value, unit.name, chosen));
    }
    return levels;
}

std::string scope_of(Texts const& t, Json const& grant) {
    auto const role = t("role_" + grant.at("role").get<std::string>());
    return grant.at("scope").is_null() ? role : role + ", " + grant.at("scope").get<std::string>();
}

/// "từ 01/07/2025", "từ 01/07/2025 đến hết 31/12/2026"
std::string days_of(Texts const& t, Json const& grant) {
    auto const from = Texts::date(grant.at("valid_from").get<std::string>());
    if (grant.at("valid_to").is_null()) return t("adm_days_open", {{"from", from}});
    auto const end = grant.at("valid_to").get<std::string>();
    if (end == grant.at("valid_from").get<std::string>()) return t("adm_days_none", {{"from", from}});
    return t("adm_days", {{"from", from}, {"to", Texts::last_day(end)}});
}

Json grants_of(Texts const& t, accounts::AccountInfo const& account) {
    Json out = Json::array();
    for (auto const& grant : parsed(account.grants)) {
        bool const has_ended = grant.at("has_ended").get<bool>();
        auto const by = grant.at("granted_by").is_null() ? t("adm_by_operator") : t("adm_by", {{"login", grant.at("granted_by").get<std::string>()}});
        out.push_back({{"grant_id", grant.at("id")},
                       {"grant_role", scope_of(t, grant)},
                       {"grant_days", days_of(t, grant)},
                       {"grant_by", grant.at("document").is_null() ? by : fmt::format("{} · {}", by, grant.at("document").get<std::string>())},
                       {"has_ended", has_ended},
                       {"is_idle", !has_ended && !grant.at("in_force").get<bool>()}});
    }
    return out;
}

long long account_key(Desk const& desk) { return rest::parse_id("id", desk.request.value(0)); }

std::string account_href(Language language, long long id) { return fmt::format("{}/{}", kAccounts.in(language), id); }

http::Response account_page(Desk const& desk, Json model, int status = 200) {
    auto const& t = desk.t;
    auto const id = account_key(desk);
    auto const [account, choices] = desk.place.pool.read("", desk.who.actor(), [&](Tx& tx, Session& session) {
        return std::pair{accounts::read_account(tx, session, id), accounts::unit_choices(tx, session)};
    });
    bool const is_own = account.id == desk.who.account;
    auto const typed = model.value("typed", Json::object());
    auto const kept = [&](char const* field, std::string const& otherwise) { return typed.value(field, otherwise); };
    model["title"] = account.name;
    model["rail_here"] = "accounts";
    model["accounts_href"] = kAccounts.in(desk.language);
    model["here"] = account_href(desk.language, id);
    model["version"] = account.version;
    model["login"] = account.login;
    model["state"] = t("adm_state_" + account.state);
    model["is_demo"] = account.is_demo;
    model["is_own"] = is_own;
    model["name"] = kept("name", account.name);
    model["email"] = kept("email", account.email);
    model["phone"] = kept("phone", account.phone);
    model["facts"] = {{{"fact_label", t("adm_made")}, {"fact", moment(account.created_at)}},
                      {{"fact_label", t("adm_last_sign_in")}, {"fact", moment_or(t, account.last_sign_in_at, "adm_never")}},
                      {{"fact_label", t("adm_password_set")}, {"fact", moment_or(t, account.password_changed_at, "adm_never")}},
                      {{"fact_label", t("acc_second_factor")}, {"fact", t(account.has_second_factor ? "work_yes" : "work_no")}},
                      {{"fact_label", t("adm_open_sessions")}, {"fact", t.number(std::int64_t{account.sessions})}},
                      {{"fact_label", t("acc_keys")}, {"fact", t.number(std::int64_t{account.keys})}},
                      {{"fact_label", t("adm_code_open")},
                       {"fact", account.code_until.empty() ? t("work_no") : t("adm_code_until", {{"when", moment(account.code_until)}})}}};
    auto grants = grants_of(t, account);
    model["has_grants"] = !grants.empty();
    model["grants"] = std::move(grants);
    bool const is_closed = account.state == "closed";
    model["may_give"] = !is_own && !is_closed;
    model["may_lock"] = !is_own && (account.state == "active" || account.state == "pending");
    model["may_unlock"] = !is_own && account.state == "locked";
    model["may_code"] = !is_own && (account.state == "active" || account.state == "pending");
    model["may_end_sessions"] = !is_own && account.sessions > 0;
    model["may_reset_factor"] = !is_own && account.has_second_factor;
    model["today"] = gis_core::business_date().iso();
    model["roles"] = roles(t, kept("role", ""));
    model["levels"] = units(t, choices, kept("unit", ""), true);
    for (auto const* field : {"producer", "valid_from", "valid_to", "document"}) model["grant_" + std::string{field}] = kept(field, "");
    model["opens_give"] = typed.contains("role");
    if (auto const done = desk.request.query.find("done"); done && !model.contains("problem") && t.has(fmt::format("adm_done_{}", *done)))
        model["done"] = t(fmt::format("adm_done_{}", *done));
    return desk.show("managed_account", std::move(model), account_href(other_language(desk), id), status);
}

http::Response new_account_page(Desk const& desk, Json model, int status = 200) {
    model["title"] = desk.t("adm_new");
    model["rail_here"] = "accounts";
    model["accounts_href"] = kAccounts.in(desk.language);
    model["here"] = kNewAccount.in(desk.language);
    return desk.show("managed_account_new", std::move(model), kNewAccount.in(other_language(desk)), status);
}

/// Does what the form asks for; a model where something is told this once.
Json act(Desk const& desk, accounts::Identity const& who, Form const& form, std::string const& action) {
    auto const id = account_key(desk);
    auto const version = [&] { return static_cast<int>(rest::parse_id("version", form["version"])); };
    auto const in_transaction = [&](auto const& work) { return desk.place.pool.write(who.actor(), work); };
    auto const require_recent = [&] { desk.place.gate.accounts().require_recent(who, form["own_password"]); };
    if (action == "profile") {
        in_transaction([&](Tx& tx, Session& session) {
            accounts::change_account(tx, session, who, id, version(), {.name = form["name"], .email = form["email"], .phone = form["phone"], .state = {}});
        });
    } else if (action == "lock" || action == "unlock") {
        in_transaction([&](Tx& tx, Session& session) {
            accounts::change_account(tx, session, who, id, version(),
                                     {.name = {}, .email = {}, .phone = {}, .state = std::string{action == "lock" ? "locked" : "active"}});
        });
    } else if (action == "code") {
        require_recent();
        auto const code = in_transaction([&](Tx& tx, Session& session) { return accounts::hand_out_code(tx, session, who, id); });
        return {{"code", code}};
    } else if (action == "sessions") {
        in_transaction([&](Tx& tx, Session& session) { accounts::end_sessions(tx, session, who, id); });
    } else if (action == "factor") {
        require_recent();
        in_transaction([&](Tx& tx, Session& session) { accounts::reset_second_factor(tx, session, who, id); });
    } else if (action == "give") {
        require_recent();
        accounts::NewGrant const grant{.role = form["role"],
                                       .unit = form["unit"],
                                       .producer = form["producer"].empty() ? 0 : form.number("producer"),
                                       .from = form["valid_from"],
                                       .to = form["valid_to"],
                                       .document = form["document"]};
        in_transaction([&](Tx& tx, Session& session) { return accounts::give_role(tx, session, who, id, grant); });
    } else if (action == "take") {
        in_transaction([&](Tx& tx, Session& session) { accounts::take_role(tx, session, id, version(), form.number("grant"), form["valid_to"]); });
    } else {
        throw gis_core::invalid_field("action", action, "one of the account's forms");
    }
    return nullptr;
}

/// What was typed stays; passwords do not.
Json typed_of(Form const& form, std::string const& action) {
    Json typed = Json::object();
    if (action == "profile") {
        for (auto const* field : {"name", "email", "phone"}) typed[field] = form[field];
    } else if (action == "give") {
        for (auto const* field : {"role", "unit", "producer", "valid_from", "valid_to", "document"}) typed[field] = form[field];
    }
    return typed;
}

}  // namespace

void require_administrator(Desk const& desk) {
    if (desk.role() != "R16") throw Refused{desk.t("adm_refused", {{"role", desk.t("role_" + desk.role())}}), desk.t("work_refused_other_role")};
}

Language other_language(Desk const& desk) { return desk.language == Language::vi ? Language::en : Language::vi; }

http::Response get_accounts(Desk const& desk) {
    require_administrator(desk);
    auto const& t = desk.t;
    desk.request.query.allow_only({"q", "role", "unit", "state", "after"});
    auto const value = [&](char const* name) { return std::string{desk.request.query.find(name).value_or("")}; };
    accounts::AccountQuery const query{
        .q = value("q"), .role = value("role"), .unit = value("unit"), .state = value("state"), .after = value("after"), .limit = kPage};
    auto const [page, choices] = desk.place.pool.read("", desk.who.actor(), [&](Tx& tx, Session& session) {
        return std::pair{accounts::list_accounts(tx, session, query), accounts::unit_choices(tx, session)};
    });
    Json items = Json::array();
    for (auto const& account : page.items) {
        Json grants = Json::array();
        for (auto const& grant : parsed(account.grants)) {
            if (!grant.at("has_ended").get<bool>()) grants.push_back({{"grant_role", scope_of(t, grant)}});
        }
        items.push_back({{"item_name", account.name},
                         {"item_login", account.login},
                         {"item_href", account_href(desk.language, account.id)},
                         {"item_state", t("adm_state_" + account.state)},
                         {"is_active", account.state == "active"},
                         {"item_factor", t(account.has_second_factor ? "work_yes" : "work_no")},
                         {"item_seen", moment_or(t, account.last_sign_in_at, "adm_never")},
                         {"has_grants", !grants.empty()},
                         {"grants", std::move(grants)}});
    }
    Json states = Json::array();
    for (auto const* state : kStates) states.push_back(choice(state, t(std::string{"adm_state_"} + state), query.state));
    Json model{
        {"title", t("adm_accounts")}, {"rail_here", "accounts"}, {"list_href", kAccounts.in(desk.language)}, {"new_href", kNewAccount.in(desk.language)}};
    model["list_q"] = query.q;
    model["roles"] = roles(t, query.role);
    model["levels"] = units(t, choices, query.unit, false);
    model["states"] = std::move(states);
    bool const is_narrowed = !query.role.empty() || !query.unit.empty() || !query.state.empty();
    model["is_narrowed"] = is_narrowed;
    model["is_filtered"] = is_narrowed || !query.q.empty();
    model["has_items"] = !items.empty();
    model["items"] = std::move(items);
    if (!page.next.empty()) model["next_href"] = ogc::with_parameters(desk.request, {{"after", page.next}});
    if (!query.after.empty()) model["first_href"] = ogc::with_parameters(desk.request, {{"after", ""}});
    auto const other = kAccounts.in(other_language(desk));
    auto const at = desk.request.target.find('?');
    return desk.show("managed_accounts", std::move(model), at == std::string::npos ? other : other + desk.request.target.substr(at));
}

http::Response get_new_account(Desk const& desk) {
    require_administrator(desk);
    return new_account_page(desk, Json::object());
}

http::Response post_new_account(Desk const& desk) {
    require_administrator(desk);
    auto const& who = desk.who;
    Form const form{desk.request};
    try {
        desk.place.gate.accounts().require_recent(who, form["own_password"]);
        auto const [id, code] = desk.place.pool.write(who.actor(), [&](Tx& tx, Session& session) {
            auto const made = accounts::add_user(tx, session, {.login = form["login"], .name = form["name"], .email = form["email"], .phone = form["phone"]});
            return std::pair{made, accounts::hand_out_code(tx, session, who, made)};
        });
        return new_account_page(desk,
                                {{"made", {{"login", accounts::folded_login(form["login"])}, {"code", code}, {"made_href", account_href(desk.language, id)}}}});
    } catch (Error const& error) {
        Json model{{"problem", said(desk.t, error)}};
        for (auto const* field : {"login", "name", "email", "phone"}) model[field] = form[field];
        return new_account_page(desk, std::move(model), http::status_of(error.kind()));
    }
}

http::Response get_account(Desk const& desk) {
    require_administrator(desk);
    return account_page(desk, Json::object());
}

http::Response post_account(Desk const& desk) {
    require_administrator(desk);
    auto const& who = desk.who;
    Form const form{desk.request};
    auto const action = form["action"];
    try {
        auto told = act(desk, who, form, action);
        if (!told.is_null()) return account_page(desk, std::move(told));
        return see_other(account_href(desk.language, account_key(desk)) + "?done=" + action);
    } catch (Error const& error) {
        return account_page(desk, {{"problem", said(desk.t, error)}, {"typed", typed_of(form, action)}}, http::status_of(error.kind()));
    }
}

}  // namespace api::workplace
