#pragma once

#include "programme/accounts/operator.hpp"
#include "tests/integration/api/support.hpp"

#include <fmt/format.h>

namespace test_support {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Somebody with one role, signed in through the API; `fields` go with every request.
struct Person {
    Fields fields;
};

inline Person sign_in(Api& api, std::string const& login, std::string const& role, std::string const& unit = {}, long long producer = 0) {
    constexpr char kPassword[] = "thuyền dừa qua sông";
    gis_core::db::Pool owner{{.conninfo = api.owner}};
    auto const code = owner.write([&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        programme::accounts::add_user(tx, session, {.login = login, .name = "Người thử", .email = {}, .phone = {}});
        programme::accounts::grant_role(tx, session, login, {.role = role, .unit = unit, .producer = producer, .from = {}, .to = {}, .document = {}});
        return programme::accounts::issue_reset_code(tx, session, login, false);
    });
    Fields const json{{"Content-Type", "application/json"}};
    using gis_core::Json;
    EXPECT_EQ(api.call("POST", "/api/password-reset", gis_core::to_text(Json{{"login", login}, {"code", code}, {"password", kPassword}}), json).status, 204);
    auto const signed_in = api.call("POST", "/api/session", gis_core::to_text(Json{{"login", login}, {"password", kPassword}}), json);
    EXPECT_EQ(signed_in.status, 200) << Api::text(signed_in);
    auto const cookie = std::string{*signed_in.headers.find("Set-Cookie")};
    auto const said = gis_core::parse_json(Api::text(signed_in), "session");
    return {{{"Cookie", cookie.substr(0, cookie.find(';'))}, {"X-CSRF-Token", said.at("csrf_token").get<std::string>()}}};
}

}  // namespace test_support
