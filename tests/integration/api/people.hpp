#pragma once

#include "programme/accounts/operator.hpp"
#include "tests/integration/api/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

namespace test_support {

/// The record through the API, by people of different roles.
class WithPeople : public testing::Test {
protected:
    using Json = gis_core::Json;
    using Fields = std::vector<std::pair<std::string, std::string>>;
    static constexpr char kHere[] = "28777";  // Phường An Hội, from 01/07/2025

    TestDatabase database{TestDatabase::From::demo};
    Api api{database.conninfo()};

    struct Person {
        Fields fields;
        std::string login;
    };
    /// Somebody with one role, signed in.
    Person person(std::string const& role, std::string const& unit = {}, long long producer = 0) {
        static constexpr char kPassword[] = "thuyền dừa qua sông";
        auto const login = fmt::format("nguoi.{}.{}", role.substr(1), ++people_);
        gis_core::db::Pool owner{{.conninfo = database.conninfo()}};
        auto const code = owner.write([&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
            programme::accounts::add_user(tx, session, {.login = login, .name = "Người thử", .email = {}, .phone = {}});
            programme::accounts::grant_role(tx, session, login, {.role = role, .unit = unit, .producer = producer, .from = {}, .to = {}, .document = {}});
            return programme::accounts::issue_reset_code(tx, session, login, false);
        });
        Fields const json{{"Content-Type", "application/json"}};
        EXPECT_EQ(api.call("POST", "/api/password-reset", gis_core::to_text(Json{{"login", login}, {"code", code}, {"password", kPassword}}), json).status,
                  204);
        auto const signed_in = api.call("POST", "/api/session", gis_core::to_text(Json{{"login", login}, {"password", kPassword}}), json);
        EXPECT_EQ(signed_in.status, 200) << Api::text(signed_in);
        auto const cookie = std::string{*signed_in.headers.find("Set-Cookie")};
        auto const said = read(signed_in);
        return {{{"Cookie", cookie.substr(0, cookie.find(';'))}, {"X-CSRF-Token", said.at("csrf_token").get<std::string>()}}, login};
    }
    http::Response send(Person const& who, std::string const& method, std::string const& target, Json const& body = nullptr, Fields more = {}) {
        auto headers = who.fields;
        if (!body.is_null()) headers.emplace_back("Content-Type", "application/json");
        headers.insert(headers.end(), more.begin(), more.end());
        return api.call(method, target, body.is_null() ? "" : gis_core::to_text(body), headers);
    }
    Json get(Person const& who, std::string const& target) {
        auto const response = send(who, "GET", target);
        EXPECT_EQ(response.status, 200) << target << Api::text(response);
        return read(response);
    }
    static Json read(http::Response const& response) { return gis_core::parse_json(Api::text(response), "answer"); }
    /// An address of an answer, as call() takes it.
    static std::string path_of(Json const& address) {
        auto const text = address.get<std::string>();
        return text.substr(text.find("/api/"));
    }
    long long number(std::string const& sql) { return std::stoll(database.value(sql)); }
    /// A producer whose commune of today has, or has not, that code.
    long long producer(bool is_here) {
        return number(fmt::format(
            "SELECT min(p.producer_key) FROM ocop.producer p WHERE p.lineage_key IN (SELECT l.lineage_key FROM geo.lineage_unit l JOIN geo.admin_unit u USING "
            "(unit_key) WHERE u.level = 'commune' AND u.valid_to IS NULL AND u.code {} '{}')",
            is_here ? "=" : "<>", kHere));
    }

private:
    int people_ = 0;
};

}  // namespace test_support
