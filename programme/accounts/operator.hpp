#pragma once

#include "gis_core/db/pool.hpp"
#include "programme/accounts/accounts.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the operator does from the command line, as the owner of the database, and administrators through the service, as R16 (see
/// administration.hpp): functions over a transaction.
namespace programme::accounts {

/// An act of or on an account, for the audit: sign-in, sign-in-refused, lock, … account 0: nobody's login.
void note_act(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view action, long long account, std::string const& reason = {});

struct NewUser {
    std::string login, name, email, phone;
};
struct NewGrant {
    std::string role;
    std::string unit;  // CODE or CODE@DATE, of the level the role wants
    long long producer = 0;
    std::string from, to;  // ISO; from empty: today; to empty: in force
    std::string document;
};
struct UserInfo {
    std::string login, name, state, last_sign_in, grants;
    bool has_second_factor, is_demo;
};

/// "R02" to "R18".
bool is_role(std::string_view role);
/// A pending account; issue_reset_code() lets its owner in. \throws invalid_argument, conflict
long long add_user(pqxx::transaction_base& tx, gis_core::db::Session& session, NewUser const& user);
/// Number of the grant. \throws invalid_argument naming what is wrong, not_found for the login
long long grant_role(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view login, NewGrant const& grant);
/// From that day (ISO; empty: today) on it is none. \throws invalid_argument for a day that is over, not_found
void end_grant(pqxx::transaction_base& tx, gis_core::db::Session& session, long long grant, std::string const& day = {});
std::vector<UserInfo> list_users(pqxx::transaction_base& tx, gis_core::db::Session& session);
/// locked, active or closed; the sessions end. Without a password yet, active is pending. \throws not_found
void set_state(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view login, std::string_view state);
/// A one-time code, which is told this once; the codes of before are good no more. without_second_factor: the owner lost it.
std::string issue_reset_code(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view login, bool without_second_factor);
/// Takes the second factor and its recovery codes away.
void forget_second_factor(pqxx::transaction_base& tx, gis_core::db::Session& session, long long account);
/// A key, which is told this once. \throws invalid_argument
std::string make_key(pqxx::transaction_base& tx, gis_core::db::Session& session, long long account, KeyRequest const& wanted);
long long find_user(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view login);

/// For the demo only: one account a role, "demo.r02" to "demo.r17", and officers of two more communes, all with this password.
inline constexpr char kDemoPassword[] = "ba cây dừa xanh";
/// The logins that were made. \throws conflict when the record holds anything that is no demo.
std::vector<std::string> add_demo_users(pqxx::transaction_base& tx, gis_core::db::Session& session);

}  // namespace programme::accounts
