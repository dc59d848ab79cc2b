#include "programme/accounts/administration.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"
#include "programme/accounts/sql/statements.hpp"
#include "programme/parameters.hpp"
#include "programme/typed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/except>

#include <algorithm>
#include <array>

namespace programme::accounts {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

constexpr std::array kStates{"pending", "active", "locked", "closed"};
constexpr std::array kCouncilRoles{"R07", "R10", "R11", "R12"};

template <typename Values>
bool is_one_of(Values const& values, std::string_view value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

Parameters& text_or_null(Parameters& values, std::string const& text) { return text.empty() ? values.null() : values.text(text); }

/// What an account is when an act on it begins; nobody changes it meanwhile.
struct Held {
    std::string login, state;
    int version;
};

Held hold(Tx& tx, Session& session, long long account) {
    auto const rows = execute(tx, session, sql::auth_account_lock, Parameters{}.number(account));
    if (rows.empty()) throw Error{ErrorKind::not_found, fmt::format("there is no account {}", account)};
    return {rows[0]["login"].as<std::string>(), rows[0]["state"].as<std::string>(), rows[0]["version"].as<int>()};
}

/// What one does with one's own account is done at /tai-khoan, with the password; or by another administrator.
Held hold_of_another(Tx& tx, Session& session, Identity const& who, long long account) {
    auto held = hold(tx, session, account);
    if (account == who.account)
        throw Error{
            ErrorKind::forbidden, "this is your own account: another administrator does that", {{"account", held.login, "an account of somebody else"}}};
    return held;
}

void require_version(Held const& held, int version) {
    if (held.version != version)
        throw Error{ErrorKind::precondition_failed,
                    fmt::format("the account is at version {} by now", held.version),
                    {{"If-Match", fmt::format("\"{}\"", version), fmt::format("\"{}\"", held.version)}}};
}

AccountInfo info_of(pqxx::row const& row) {
    auto const text = [&](char const* column) { return row[column].as<std::string>(); };
    return {.id = row["account_key"].as<long long>(),
            .version = row["version"].as<int>(),
            .login = text("login"),
            .name = text("display_name"),
            .email = text("email"),
            .phone = text("phone"),
            .state = text("state"),
            .has_second_factor = row["has_second_factor"].as<bool>(),
            .is_demo = row["is_demo"].as<bool>(),
            .created_at = text("created_at"),
            .password_changed_at = text("password_changed_at"),
            .last_sign_in_at = text("last_sign_in_at"),
            .sessions = row["sessions"].as<int>(),
            .keys = row["keys"].as<int>(),
            .code_until = text("code_until"),
            .grants = text("grants")};
}

void change_state(Tx& tx, Session& session, Identity const& who, long long account, Held const& held, std::string const& state) {
    if (state != "active" && state != "locked") throw gis_core::invalid_field("state", state, "active or locked");
    if (account == who.account)
        throw Error{ErrorKind::forbidden, "nobody locks or unlocks their own account", {{"state", state, "absent for your own account"}}};
    if (held.state == "closed") throw Error{ErrorKind::conflict, "the account is closed for good", {{"state", state, "absent for a closed account"}}};
    set_state(tx, session, held.login, state);
}

}  // namespace

void require_administrator(Identity const& who) {
    if (who.role != "R16") throw Error{ErrorKind::forbidden, "accounts are managed by administrators (R16)"};
}

AccountPage list_accounts(Tx& tx, Session& session, AccountQuery const& query) {
    if (!query.state.empty() && !is_one_of(kStates, query.state))
        throw gis_core::invalid_field("state", query.state, fmt::format("{}", fmt::join(kStates, ", ")));
    if (!query.role.empty() && !is_role(query.role)) throw gis_core::invalid_field("role", query.role, "R02 to R18");
    Parameters values;
    text_or_null(values.null(), like_literal(gis_core::text::fold(typed_text("q", query.q, 0, 200))));
    for (auto const* text : {&query.role, &query.unit, &query.state, &query.after}) text_or_null(values, *text);
    AccountPage page;
    for (auto const& row : execute(tx, session, sql::auth_accounts, values.number(query.limit + 1).number(kIdleMinutes))) {
        if (page.items.size() == static_cast<std::size_t>(query.limit)) {
            page.next = page.items.back().login;
            break;
        }
        page.items.push_back(info_of(row));
    }
    return page;
}

AccountInfo read_account(Tx& tx, Session& session, long long account) {
    auto const rows = execute(tx, session, sql::auth_accounts, Parameters{}.number(account).null().null().null().null().null().number(1).number(kIdleMinutes));
    if (rows.empty()) throw Error{ErrorKind::not_found, fmt::format("there is no account {}", account)};
    return info_of(rows[0]);
}

void change_account(Tx& tx, Session& session, Identity const& who, long long account, int version, AccountChange const& change) {
    auto const held = hold(tx, session, account);
    require_version(held, version);
    std::vector<std::string_view> changed;
    Parameters values;
    values.number(account);
    auto const put = [&](std::string_view field, std::optional<std::string> const& typed, auto const& check) {
        if (typed) changed.push_back(field);
        typed ? values.text(check(field, *typed)) : values.null();
    };
    put("name", change.name, [](std::string_view field, std::string const& typed) { return typed_text(field, typed, 1, 200); });
    put("email", change.email, typed_email);
    put("phone", change.phone, typed_phone);
    if (!changed.empty()) {
        execute(tx, session, sql::auth_account_change, values);
        note_act(tx, session, "account-changed", account, fmt::format("{}", fmt::join(changed, ", ")));
    }
    if (change.state && *change.state != held.state) change_state(tx, session, who, account, held, *change.state);
}

std::string hand_out_code(Tx& tx, Session& session, Identity const& who, long long account) {
    auto const held = hold_of_another(tx, session, who, account);
    if (held.state == "locked" || held.state == "closed")
        throw Error{ErrorKind::conflict, fmt::format("the account is {}: no code opens it", held.state), {{"state", held.state, "pending or active"}}};
    return issue_reset_code(tx, session, held.login, false);
}

void end_sessions(Tx& tx, Session& session, Identity const& who, long long account) {
    hold_of_another(tx, session, who, account);
    execute(tx, session, sql::auth_session_revoke, Parameters{}.number(account).null().null());
    note_act(tx, session, "sessions-ended", account);
}

void reset_second_factor(Tx& tx, Session& session, Identity const& who, long long account) {
    hold_of_another(tx, session, who, account);
    if (!read_account(tx, session, account).has_second_factor) throw Error{ErrorKind::conflict, "this account has no second factor"};
    forget_second_factor(tx, session, account);
    execute(tx, session, sql::auth_session_revoke, Parameters{}.number(account).null().null());
    note_act(tx, session, "second-factor-reset", account);
}

long long give_role(Tx& tx, Session& session, Identity const& who, long long account, NewGrant const& grant) {
    auto const held = hold_of_another(tx, session, who, account);
    if (held.state == "closed") throw Error{ErrorKind::conflict, "the account is closed for good"};
    if (is_one_of(kCouncilRoles, grant.role) && typed_text("document", grant.document, 0, 300).empty())
        throw gis_core::invalid_field("document", "", "the decision that names the council's member");
    return grant_role(tx, session, held.login, grant);
}

void take_role(Tx& tx, Session& session, long long account, int version, long long grant, std::string const& day) {
    require_version(hold(tx, session, account), version);
    if (execute(tx, session, sql::auth_grant_of, Parameters{}.number(account).number(grant)).empty())
        throw Error{ErrorKind::not_found, fmt::format("this account has no grant {}", grant)};
    try {
        end_grant(tx, session, grant, day);
    } catch (pqxx::sql_error const& error) {
        if (error.sqlstate() != "55000") throw;
        throw Error{ErrorKind::conflict, "this is your last grant as administrator; another administrator ends it"};
    }
}

std::vector<UnitChoice> unit_choices(Tx& tx, Session& session) {
    std::vector<UnitChoice> choices;
    for (auto const& row : execute(tx, session, sql::auth_unit_choices)) {
        auto const text = [&](char const* column) { return row[column].as<std::string>(); };
        choices.push_back({text("level"), text("code"), text("name"), text("last_day")});
    }
    return choices;
}

std::vector<WaitingSignUps> waiting_sign_ups(Tx& tx, Session& session) {
    std::vector<WaitingSignUps> found;
    for (auto const& row : execute(tx, session, sql::auth_waiting_sign_ups))
        found.push_back({row["commune"].as<std::string>(), row["oldest"].as<std::string>(), row["waiting"].as<long long>()});
    return found;
}

}  // namespace programme::accounts
