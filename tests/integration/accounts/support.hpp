#pragma once

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/accounts/accounts.hpp"
#include "programme/accounts/operator.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

namespace accounts_test {

namespace accounts = programme::accounts;
using gis_core::ErrorKind;
using gis_core::db::Actor;
using gis_core::db::Pool;
using gis_core::db::Session;
using test_support::TestDatabase;
using Tx = pqxx::transaction_base;

inline constexpr char kPassword[] = "thuyền dừa qua sông";

inline gis_core::db::PoolConfig as_service(TestDatabase const& database) {
    gis_core::db::PoolConfig config;
    config.conninfo = database.conninfo_as("ocopmap_api");
    config.size = 2;
    return config;
}

/// Runs as the operator does, as the owner of the database.
template <typename Work>
auto as_operator(TestDatabase const& database, Work work) {
    Pool pool{{.conninfo = database.conninfo()}};
    return pool.write([&](Tx& tx, Session& session) { return work(tx, session); });
}

/// An account that never signed in; its number.
inline std::string add_account(TestDatabase const& database, std::string const& login) {
    return database.value(
        "INSERT INTO auth.account (login, display_name, state, password_hash) VALUES ('" + login +
        "', 'Người thử', 'active', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc') RETURNING account_key");
}

inline std::string unit_key(TestDatabase const& database, std::string const& code, std::string const& day, std::string const& level = "commune") {
    return database.value("SELECT unit_key FROM geo.admin_unit WHERE code = '" + code + "' AND level = '" + level + "' AND valid_from <= '" + day +
                          "' AND (valid_to IS NULL OR valid_to > '" + day + "')");
}

/// What kind of refusal a call is, and what it says.
template <typename Call>
std::pair<ErrorKind, std::string> refusal(Call call) {
    try {
        call();
    } catch (gis_core::Error const& error) {
        return {error.kind(), error.what()};
    }
    ADD_FAILURE() << "it was not refused";
    return {};
}

}  // namespace accounts_test
