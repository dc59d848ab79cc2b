#pragma once

#include "programme/accounts/operator.hpp"

#include <optional>
#include <string>
#include <vector>

/// What an administrator (R16) does through the service: the operator's acts (operator.hpp) with the rules that bind an administrator.
/// Functions over a transaction of that role; the database keeps to the same rules (data/migrations/0085_administrators.sql).
namespace programme::accounts {

struct AccountQuery {
    std::string q;      // in login, name or e-mail
    std::string role;   // of a grant that has not ended
    std::string unit;   // code of such a grant's unit
    std::string state;  // pending, active, locked, closed
    std::string after;  // login that the page begins after
    int limit = 50;
};
struct AccountInfo {
    long long id = 0;
    int version = 0;
    std::string login, name, email, phone, state;
    bool has_second_factor = false, is_demo = false;
    std::string created_at, password_changed_at, last_sign_in_at;
    int sessions = 0, keys = 0;  // that are open, that are good
    std::string code_until;      // of a one-time code that nobody used yet
    std::string grants;          // a JSON array, those that ended last
};
struct AccountPage {
    std::vector<AccountInfo> items;
    std::string next;  // after of the next page; empty: this was the last
};
/// What stays as it is, is absent.
struct AccountChange {
    std::optional<std::string> name, email, phone, state;
};
struct UnitChoice {
    std::string level, code, name, last_day;  // last_day: of a district that ended
};
struct WaitingSignUps {
    std::string commune, oldest;
    long long waiting = 0;
};

/// \throws forbidden for everybody but R16.
void require_administrator(Identity const& who);

/// \throws invalid_argument
AccountPage list_accounts(pqxx::transaction_base& tx, gis_core::db::Session& session, AccountQuery const& query);
/// \throws not_found
AccountInfo read_account(pqxx::transaction_base& tx, gis_core::db::Session& session, long long account);
/// Name, e-mail and phone of anybody; locks and unlocks others. \throws not_found, precondition_failed for another version, invalid_argument,
/// forbidden for one's own state, conflict for a closed account
void change_account(pqxx::transaction_base& tx, gis_core::db::Session& session, Identity const& who, long long account, int version,
                    AccountChange const& change);
/// A one-time code for the owner of an account that is not one's own. \throws not_found, forbidden, conflict for a locked or closed one
std::string hand_out_code(pqxx::transaction_base& tx, gis_core::db::Session& session, Identity const& who, long long account);
/// All sessions of an account that is not one's own. \throws not_found, forbidden
void end_sessions(pqxx::transaction_base& tx, gis_core::db::Session& session, Identity const& who, long long account);
/// Its owner lost it: the second factor goes, and the sessions end. \throws not_found, forbidden, conflict when there is none
void reset_second_factor(pqxx::transaction_base& tx, gis_core::db::Session& session, Identity const& who, long long account);
/// Number of the grant. Nobody gives a role to themselves; a council's roles want the decision. \throws not_found, forbidden, invalid_argument
long long give_role(pqxx::transaction_base& tx, gis_core::db::Session& session, Identity const& who, long long account, NewGrant const& grant);
/// Ends on that day (empty: today). \throws not_found, precondition_failed, invalid_argument, conflict for one's own last grant as administrator
void take_role(pqxx::transaction_base& tx, gis_core::db::Session& session, long long account, int version, long long grant, std::string const& day);

std::vector<UnitChoice> unit_choices(pqxx::transaction_base& tx, gis_core::db::Session& session);
/// Where sign-ups wait for their commune, longest first.
std::vector<WaitingSignUps> waiting_sign_ups(pqxx::transaction_base& tx, gis_core::db::Session& session);

}  // namespace programme::accounts
