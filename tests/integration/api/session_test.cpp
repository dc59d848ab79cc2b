#include "api/accounts/gate.hpp"
#include "programme/accounts/operator.hpp"
#include "programme/accounts/totp.hpp"
#include "tests/integration/api/support.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

namespace {

using gis_core::Json;
using testing::HasSubstr;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr char kJson[] = "application/json";
constexpr char kPassword[] = "thuyền dừa qua sông";

std::vector<std::string> cookies_of(http::Response const& response) {
    std::vector<std::string> cookies;
    for (auto const& [name, value] : response.headers) {
        if (name == "Set-Cookie") cookies.push_back(value);
    }
    return cookies;
}

class SessionTest : public testing::Test {
protected:
    test_support::TestDatabase database{test_support::TestDatabase::From::demo};
    test_support::Api api{database.conninfo()};
    long long grant = 0;

    SessionTest() {
        gis_core::db::Pool owner{{.conninfo = database.conninfo()}};
        auto const code = owner.write([&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
            programme::accounts::add_user(tx, session, {.login = "an.nguyen", .name = "Nguyễn Văn An", .email = {}, .phone = {}});
            grant = programme::accounts::grant_role(tx, session, "an.nguyen",
                                                    {.role = "R04", .unit = "28777", .producer = 0, .from = {}, .to = {}, .document = {}});
            return programme::accounts::issue_reset_code(tx, session, "an.nguyen", false);
        });
        EXPECT_EQ(send("POST", "/api/password-reset", {{"login", "an.nguyen"}, {"code", code}, {"password", kPassword}}).status, 204);
    }

    http::Response send(std::string const& method, std::string const& target, Json const& body, Fields headers = {}) {
        headers.emplace_back("Content-Type", kJson);
        return api.call(method, target, gis_core::to_text(body), headers);
    }
    http::Response sign_in(Fields const& headers = {}, std::string const& password = kPassword) {
        return send("POST", "/api/session", {{"login", "an.nguyen"}, {"password", password}}, headers);
    }
    static Json read(http::Response const& response) { return gis_core::parse_json(test_support::Api::text(response), "answer"); }

    /// A browser: cookie and CSRF token of a new session.
    struct Browser {
        std::string cookie, csrf;
        Fields fields() const { return {{"Cookie", cookie}, {"X-CSRF-Token", csrf}}; }
        Fields without_csrf() const { return {{"Cookie", cookie}}; }
    };
    Browser browser() {
        auto const response = sign_in();
        EXPECT_EQ(response.status, 200) << test_support::Api::text(response);
        auto const cookie = cookies_of(response).at(0);
        return {cookie.substr(0, cookie.find(';')), read(response).at("csrf_token").get<std::string>()};
    }
};

TEST_F(SessionTest, ASignInTellsWhoOneIsAndSetsItsCookies) {
    auto const response = sign_in();
    ASSERT_EQ(response.status, 200) << test_support::Api::text(response);
    auto const said = read(response);
    EXPECT_EQ(said.at("login"), "an.nguyen");
    EXPECT_EQ(said.at("acting_grant").at("role"), "R04");
    EXPECT_EQ(said.at("acting_grant").at("scope"), "Phường An Hội");
    EXPECT_EQ(said.at("second_factor"), false);
    EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
    auto const cookies = cookies_of(response);
    ASSERT_EQ(cookies.size(), 2U);
    EXPECT_THAT(cookies[0], testing::MatchesRegex("ocopmap_session=[A-Za-z0-9_-]{43}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"));
    EXPECT_THAT(cookies[1], testing::MatchesRegex("ocopmap_device=[A-Za-z0-9_-]{43}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Lax"));
    for (auto const& cookie : cookies_of(sign_in({{"X-Forwarded-Proto", "https"}}))) EXPECT_THAT(cookie, HasSubstr("; Secure"));
    EXPECT_THAT(test_support::Api::text(response), testing::Not(HasSubstr(cookies[0].substr(16, 43))));

    auto const me = browser();
    EXPECT_EQ(read(api.call("GET", "/api/session", {}, me.without_csrf())).at("csrf_token"), me.csrf);
    EXPECT_EQ(read(api.call("GET", "/api/session", {}, {{"Cookie", "a=b; " + me.cookie + "; c=d"}})).at("name"), "Nguyễn Văn An");
}

TEST_F(SessionTest, AVisitorIsNobodyAndCostsNoQuery) {
    auto const nobody = api.call("GET", "/api/session");
    EXPECT_EQ(nobody.status, 401);
    EXPECT_EQ(nobody.headers.find("WWW-Authenticate"), "Bearer realm=\"ocopmap\"");
    // A database that does not answer: a visitor's question does not reach it.
    gis_core::db::Pool pool{{.conninfo = "host=/nonexistent"}};
    gis_core::layers::Catalogue const catalogue = gis_core::layers::Catalogue::load(test_support::source_dir() + "/data/layers.toml");
    api::Config const config;
    api::Context context{.pool = pool, .catalogue = catalogue, .config = config, .accepting = {}, .server_metrics = {}};
    http::Request request;
    request.method = "GET";
    EXPECT_EQ(api::gate_of(context).find(request), std::nullopt);
    request.headers.add("Cookie", "other=1; ocopmap_sessions=abc");
    EXPECT_EQ(api::gate_of(context).find(request), std::nullopt);
    request.headers.add("Cookie", "ocopmap_session=abc");
    EXPECT_THROW(api::gate_of(context).find(request), gis_core::Error);
}

TEST_F(SessionTest, WithoutItsTokenARequestIsRefused) {
    auto const me = browser(), other = browser();
    for (auto const& headers :
         {me.without_csrf(), Fields{{"Cookie", me.cookie}, {"X-CSRF-Token", other.csrf}}, Fields{{"Cookie", me.cookie}, {"X-CSRF-Token", ""}}}) {
        for (auto const& [method, target] :
             {std::pair{"DELETE", "/api/session"}, {"DELETE", "/api/sessions"}, {"PATCH", "/api/session"}, {"POST", "/api/keys"}, {"POST", "/api/password"}}) {
            EXPECT_EQ(send(method, target, Json::object(), headers).status, 403) << method << " " << target;
        }
    }
    EXPECT_EQ(api.call("GET", "/api/session", {}, me.without_csrf()).status, 200);
    EXPECT_EQ(send("DELETE", "/api/session", Json::object(), me.fields()).status, 204);
}

TEST_F(SessionTest, AFormOfAnotherSiteSignsNobodyIn) {
    EXPECT_EQ(sign_in({{"Host", "ocop.vn"}, {"Origin", "http://evil.example"}}).status, 403);
    EXPECT_EQ(sign_in({{"Host", "ocop.vn"}, {"Origin", "null"}}).status, 403);
    EXPECT_EQ(sign_in({{"Host", "ocop.vn"}, {"Origin", "http://ocop.vn"}}).status, 200);
    EXPECT_EQ(api.call("POST", "/api/session", R"({"login":"an.nguyen","password":"x"})", {{"Content-Type", "text/plain"}}).status, 415);
}

TEST_F(SessionTest, ARevokedSessionIsRefusedAtOnce) {
    auto const me = browser(), other = browser();
    auto const sessions = read(api.call("GET", "/api/sessions", {}, me.without_csrf())).at("items");
    ASSERT_EQ(sessions.size(), 2U);
    for (auto const& session : sessions) {
        if (session.at("is_this_one").get<bool>()) continue;
        EXPECT_EQ(send("DELETE", "/api/sessions/" + std::to_string(session.at("id").get<long long>()), {}, me.fields()).status, 204);
    }
    EXPECT_EQ(api.call("GET", "/api/session", {}, other.without_csrf()).status, 401);
    EXPECT_EQ(send("DELETE", "/api/sessions/999999", {}, me.fields()).status, 404);
    // A sign-in of a while ago gives its password once more.
    database.execute("UPDATE auth.session SET created_at = created_at - interval '15 minutes'");
    EXPECT_EQ(api.call("DELETE", "/api/sessions", {}, me.fields()).status, 403);
    EXPECT_EQ(api.call("DELETE", "/api/sessions/999999", {}, me.fields()).status, 403);
    EXPECT_EQ(send("DELETE", "/api/sessions", {{"own_password", "không phải mật khẩu này"}}, me.fields()).status, 403);
    auto const out = send("DELETE", "/api/sessions", {{"own_password", kPassword}}, me.fields());
    EXPECT_EQ(out.status, 204);
    EXPECT_THAT(cookies_of(out).at(0), HasSubstr("ocopmap_session=; Path=/; Max-Age=0"));
    EXPECT_EQ(api.call("GET", "/api/session", {}, me.without_csrf()).status, 401);
}

TEST_F(SessionTest, UnknownLoginsAndWrongPasswordsGetTheSameAnswer) {
    auto const wrong = sign_in({}, "không phải mật khẩu này");
    auto const nobody = send("POST", "/api/session", {{"login", "khong.ai"}, {"password", "không phải mật khẩu này"}});
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(test_support::Api::text(wrong), test_support::Api::text(nobody));
    for (int i = 0; i < 3; ++i) sign_in({}, "sai");
    // Delays are counted in whole seconds: the last failure comes early in one, or the next attempt would belong to another.
    using namespace std::chrono_literals;
    while (std::chrono::system_clock::now().time_since_epoch() % 1s > 200ms) std::this_thread::sleep_for(5ms);
    sign_in({}, "sai");
    auto const delayed = sign_in();
    EXPECT_EQ(delayed.status, 429);
    EXPECT_EQ(delayed.headers.find("Retry-After"), "1");
    EXPECT_EQ(sign_in({{"X-Forwarded-For", "198.51.100.9"}}).status, 200);
}

TEST_F(SessionTest, AReplayedCodeIsRefused) {
    auto const me = browser();
    auto const offer = read(send("POST", "/api/second-factor", {{"current", kPassword}}, me.fields()));
    EXPECT_THAT(offer.at("uri").get<std::string>(), testing::StartsWith("otpauth://totp/ocopmap:an.nguyen?secret=" + offer.at("secret").get<std::string>()));
    auto const account = database.query("SELECT account_key, encode(totp_secret, 'hex') FROM auth.account WHERE login = 'an.nguyen'").at(0);
    auto const secret = programme::accounts::Vault{std::string(64, 'e')}.open(account[1], "totp " + account[0]);
    auto const step = [] { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count() / 30; };
    auto const first = step();
    auto const code = [&](std::int64_t at) { return programme::accounts::hotp(secret, static_cast<std::uint64_t>(at)); };
    EXPECT_EQ(send("POST", "/api/second-factor", {{"code", "abc"}}, me.fields()).status, 400);
    auto const codes = read(send("POST", "/api/second-factor", {{"code", code(first)}}, me.fields())).at("recovery_codes");
    EXPECT_EQ(codes.size(), 10U);

    auto const with = [&](std::string const& typed) {
        return send("POST", "/api/session", {{"login", "an.nguyen"}, {"password", kPassword}, {"code", typed}});
    };
    auto const wanted = sign_in();
    EXPECT_EQ(wanted.status, 401);
    EXPECT_EQ(read(wanted).at("errors").at(0).at("field"), "code");
    EXPECT_EQ(with(code(first)).status, 401);      // it confirmed the second factor
    EXPECT_EQ(with(code(first + 1)).status, 200);  // the next is good already, once
    EXPECT_EQ(with(code(first + 1)).status, 401);
    EXPECT_EQ(with(codes.at(0).get<std::string>()).status, 200);
    EXPECT_EQ(with(codes.at(0).get<std::string>()).status, 401);
    EXPECT_EQ(send("DELETE", "/api/second-factor", {{"current", kPassword}}, me.fields()).status, 204);
    EXPECT_EQ(sign_in().status, 200);
}

TEST_F(SessionTest, AKeyMayDoWhatItsScopesSayAtItsRate) {
    auto const me = browser();
    auto const make = [&](Json const& scopes, int rate) {
        auto const made = send("POST", "/api/keys", {{"name", "máy"}, {"scopes", scopes}, {"rate_per_minute", rate}}, me.fields());
        EXPECT_EQ(made.status, 201) << test_support::Api::text(made);
        return Fields{{"Authorization", "Bearer " + read(made).at("key").get<std::string>()}};
    };
    auto const reader = make({"read"}, 60), writer = make({"read", "write"}, 60);
    auto const seen = read(api.call("GET", "/api/session", {}, reader));
    EXPECT_EQ(seen.at("acting_grant").at("role"), "R04");
    EXPECT_TRUE(seen.at("csrf_token").is_null());
    EXPECT_EQ(api.call("GET", "/api/sign-ups", {}, reader).status, 200);
    EXPECT_EQ(send("POST", "/api/sign-ups/1/decision", {{"confirm", false}, {"reason", "thử thôi"}}, reader).status, 403);
    EXPECT_EQ(send("POST", "/api/sign-ups/1/decision", {{"confirm", false}, {"reason", "thử thôi"}}, writer).status, 404);  // no CSRF token is wanted
    for (auto const& [method, target] :
         {std::pair{"GET", "/api/keys"}, {"POST", "/api/keys"}, {"POST", "/api/password"}, {"GET", "/api/sessions"}, {"DELETE", "/api/sessions"}}) {
        EXPECT_EQ(send(method, target, Json::object(), writer).status, 403) << target;
    }
    auto const slow = make({"read"}, 3);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(api.call("GET", "/api/session", {}, slow).status, 200);
    auto const too_often = api.call("GET", "/api/session", {}, slow);
    EXPECT_EQ(too_often.status, 429);
    EXPECT_THAT(std::string{too_often.headers.find("Retry-After").value()}, testing::AnyOf("20", "19", "18", "17", "16", "15"));

    auto const listed = read(api.call("GET", "/api/keys", {}, me.without_csrf())).at("items");
    ASSERT_EQ(listed.size(), 3U);
    EXPECT_EQ(send("DELETE", "/api/keys/" + std::to_string(listed.at(0).at("id").get<long long>()), {}, me.fields()).status, 204);
    EXPECT_EQ(api.call("GET", "/api/session", {}, reader).status, 401);
    EXPECT_EQ(api.call("GET", "/api/session", {}, {{"Authorization", "Bearer nonsense"}, {"Cookie", me.cookie}}).status, 401);
}

TEST_F(SessionTest, AGrantIsTakenOnAndASignUpDecided) {
    auto const asked = send("POST", "/api/sign-ups",
                            {{"producer", "Cơ sở thử"},
                             {"kind", "household"},
                             {"commune", "28777"},
                             {"contact", "Lê Thị Thử"},
                             {"phone", "0912345678"},
                             {"consent_version", "2026-1"}});
    ASSERT_EQ(asked.status, 201) << test_support::Api::text(asked);
    auto const id = std::to_string(read(asked).at("id").get<long long>());
    EXPECT_EQ(api.call("GET", "/api/sign-ups").status, 401);
    auto const me = browser();
    auto const waiting = read(api.call("GET", "/api/sign-ups?state=pending", {}, me.without_csrf())).at("items");
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting.at(0).at("commune").at("name"), "Phường An Hội");
    auto const decided = read(send("POST", "/api/sign-ups/" + id + "/decision", {{"confirm", true}, {"login", "co.so.thu"}}, me.fields()));
    EXPECT_EQ(decided.at("state"), "confirmed");
    auto const set = Json{{"login", "co.so.thu"}, {"code", decided.at("code")}, {"password", "xuồng ba lá chở dừa"}};
    EXPECT_EQ(send("POST", "/api/password-reset", set).status, 204);
    EXPECT_EQ(send("POST", "/api/password-reset", set).status, 401);
    EXPECT_EQ(send("PATCH", "/api/session", {{"grant", grant + 100}}, me.fields()).status, 400);
    EXPECT_EQ(read(send("PATCH", "/api/session", {{"grant", grant}}, me.fields())).at("acting_grant").at("id"), grant);
}

TEST_F(SessionTest, WhatIsWrongIsNamedAndNoSecretRepeated) {
    auto const unknown = send("POST", "/api/session", {{"login", "an.nguyen"}, {"password", kPassword}, {"admin", true}});
    EXPECT_EQ(unknown.status, 400);
    EXPECT_THAT(test_support::Api::text(unknown), HasSubstr("login, password, code"));
    for (auto const& [body, field] :
         {std::pair<Json, char const*>{{{"login", "an.nguyen"}}, "password"}, {{{"login", 7}, {"password", "x"}}, "login"}, {Json::array(), "body"}}) {
        auto const response = send("POST", "/api/session", body);
        EXPECT_EQ(response.status, 400);
        EXPECT_THAT(read(response).at("errors").at(0).at("field").get<std::string>(), HasSubstr(field));
    }
    auto const me = browser();
    auto const weak = send("POST", "/api/password", {{"current", kPassword}, {"password", "matkhau123456"}}, me.fields());
    EXPECT_EQ(weak.status, 400);
    EXPECT_THAT(test_support::Api::text(weak), testing::Not(HasSubstr("matkhau123456")));
    // Not even what the database says of a row that a check refused.
    database.execute("ALTER TABLE auth.api_key ADD CHECK (name <> 'verboten')");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(send("POST", "/api/keys", {{"name", "verboten"}, {"scopes", {"read"}}}, me.fields()).status, 500);
    sign_in({}, "sai mật khẩu rồi");
    auto const token = browser();
    auto const lines = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
    EXPECT_THAT(lines, HasSubstr("sqlstate=23514"));
    EXPECT_THAT(lines, HasSubstr("sign-in refused"));
    EXPECT_THAT(lines, HasSubstr("signed in"));
    auto const session = token.cookie.substr(token.cookie.find('=') + 1);
    for (auto const& secret : {std::string{kPassword}, std::string{"sai mật khẩu rồi"}, session, programme::accounts::token_hash(session), token.csrf,
                               std::string{"verboten"}, std::string{"$argon2id"}}) {
        EXPECT_THAT(lines, testing::Not(HasSubstr(secret)));
    }
}

}  // namespace
