#include "tests/integration/api/people.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace {

using testing::IsEmpty;

/// Administrators and the accounts of others, through the API.
class AdministrationTest : public test_support::WithPeople {
protected:
    Person const me = person("R16");

    long long account(std::string const& login) { return number(fmt::format("SELECT account_key FROM auth.account WHERE login = '{}'", login)); }
    std::string place(Person const& of, std::string const& rest = {}) { return fmt::format("/api/accounts/{}{}", account(of.login), rest); }
    long long grant_of(Person const& of) { return get(me, place(of)).at("grants").at(0).at("id").get<long long>(); }
    Fields match(Person const& of) { return {{"If-Match", fmt::format("\"{}\"", get(me, place(of)).at("version").get<int>())}}; }
    Json fields(http::Response const& response) { return read(response).at("errors"); }
    /// Notes in the audit about an account, oldest first.
    std::string acts_on(Person const& of, Person const& by) {
        return database.value(
            fmt::format("SELECT coalesce(string_agg(action, ' ' ORDER BY entry_key), '') FROM audit.entry WHERE object = 'auth.account' AND row_key = '{}' AND "
                        "account_key = {}",
                        account(of.login), account(by.login)));
    }
    /// What the account's owner will be told, oldest first.
    std::string told(Person const& of) {
        return database.value(
            fmt::format("SELECT coalesce(string_agg(facts->>'what', ' ' ORDER BY event_key), '') FROM notify.event WHERE kind = 'account' AND accounts = "
                        "ARRAY[{}]::bigint[]",
                        account(of.login)));
    }
    /// As if everybody had signed in a quarter of an hour ago.
    void time_passes() {
        database.value("WITH old AS (UPDATE auth.session SET created_at = created_at - interval '15 minutes' RETURNING 1) SELECT count(*) FROM old");
    }
    static constexpr char kPassword[] = "thuyền dừa qua sông";  // of everybody here
    Fields const json{{"Content-Type", "application/json"}};
    int reset(std::string const& login, Json const& code) {
        return api.call("POST", "/api/password-reset", gis_core::to_text(Json{{"login", login}, {"code", code}, {"password", "ghe xuồng ba lá về chợ"}}), json)
            .status;
    }
};

TEST_F(AdministrationTest, AnAccountIsMadeGivenARoleAndUsed) {
    auto const made = send(me, "POST", "/api/accounts", {{"login", "Lan.Trần"}, {"name", "Trần Thị Lan"}, {"email", "lan@example.vn"}});
    ASSERT_EQ(made.status, 201) << test_support::Api::text(made);
    auto const told_once = read(made);
    auto const target = std::string{*made.headers.find("Location")};
    EXPECT_EQ(told_once.at("login"), "lan.tran");
    EXPECT_EQ(get(me, target).at("state"), "pending");
    EXPECT_FALSE(get(me, target).contains("code"));

    auto const given = send(me, "POST", target + "/grants", {{"role", "R04"}, {"unit", kHere}, {"document", "QĐ 12/QĐ-UBND"}});
    ASSERT_EQ(given.status, 201) << test_support::Api::text(given);
    auto const grant = read(given).at("grants").at(0);
    EXPECT_EQ(grant.at("role"), "R04");
    EXPECT_EQ(grant.at("unit"), kHere);
    EXPECT_EQ(grant.at("granted_by"), me.login);
    EXPECT_EQ(grant.at("in_force"), false) << "nobody acts before there is a password";

    EXPECT_EQ(reset("lan.tran", told_once.at("code")), 204);
    EXPECT_EQ(reset("lan.tran", told_once.at("code")), 401) << "a code is good once";
    auto const page = get(me, fmt::format("/api/accounts?q=tran+thi+lan&role=R04&unit={}&state=active", kHere));
    ASSERT_EQ(page.at("items").size(), 1U);
    EXPECT_EQ(page.at("items").at(0).at("grants").at(0).at("in_force"), true);
    EXPECT_THAT(get(me, "/api/accounts?q=lan.tran&state=locked").at("items"), IsEmpty());
    EXPECT_EQ(send(me, "POST", "/api/accounts", {{"login", "lan.tran"}, {"name", "Ai khác"}}).status, 409);
}

TEST_F(AdministrationTest, PagesFollowTheLogins) {
    for (int i = 0; i < 3; ++i) person("R15", "86");
    std::vector<std::string> seen;
    for (auto target = std::string{"/api/accounts?limit=2"}; !target.empty();) {
        auto const page = get(me, target);
        for (auto const& item : page.at("items")) seen.push_back(item.at("login").get<std::string>());
        target = page.contains("next") ? path_of(page.at("next")) : std::string{};
    }
    EXPECT_EQ(static_cast<long long>(seen.size()), number("SELECT count(*) FROM auth.account"));
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_F(AdministrationTest, NobodyGivesARoleToThemselvesNorTouchesTheirOwnAccess) {
    auto const own = place(me);
    auto const given = send(me, "POST", own + "/grants", {{"role", "R08"}, {"unit", "86"}});
    EXPECT_EQ(given.status, 403);
    EXPECT_EQ(fields(given).at(0).at("field"), "account");
    EXPECT_EQ(send(me, "PATCH", own, {{"state", "locked"}}, match(me)).status, 403);
    EXPECT_EQ(send(me, "POST", own + "/reset-code", Json::object()).status, 403);
    EXPECT_EQ(send(me, "DELETE", own + "/second-factor", Json::object()).status, 403);
    EXPECT_EQ(send(me, "DELETE", own + "/sessions").status, 403);
    EXPECT_EQ(number(fmt::format("SELECT count(*) FROM auth.role_grant WHERE account_key = {}", account(me.login))), 1);
    // Nor does the database let them, whatever a handler forgets.
    gis_core::db::Pool service{{.conninfo = database.conninfo_as("ocopmap_api")}};
    gis_core::db::Actor const actor{.role = "ocopmap_r16", .account = account(me.login), .grant = grant_of(me), .request = {}, .reason = {}};
    for (auto const* sql : {"INSERT INTO auth.role_grant (account_key, role, valid_from) VALUES (auth.account(), 'R17', '2025-01-01')",
                            "UPDATE auth.account SET state = 'locked' WHERE account_key = auth.account()"}) {
        EXPECT_THROW(service.write(actor, [&](pqxx::transaction_base& tx, gis_core::db::Session&) { tx.exec(sql); }), gis_core::Error) << sql;
    }
}

TEST_F(AdministrationTest, TheLastGrantAsAdministratorIsEndedByAnother) {
    auto const end = fmt::format("/grants/{}", grant_of(me));
    Json const today{{"valid_to", database.value("SELECT pub.business_date()")}};
    EXPECT_EQ(send(me, "PATCH", place(me, end), today, match(me)).status, 409);
    EXPECT_EQ(send(me, "PATCH", place(me, end), {{"valid_to", "2099-01-01"}}, match(me)).status, 409);
    auto const other = person("R16");
    EXPECT_EQ(send(other, "PATCH", place(me, end), today, match(me)).status, 200);
    EXPECT_EQ(send(me, "GET", "/api/accounts").status, 403) << "at once";
    EXPECT_EQ(send(other, "PATCH",
                   place(other, fmt::format("/grants/{}",
                                            number(fmt::format("SELECT min(grant_key) FROM auth.role_grant WHERE account_key = {}", account(other.login))))),
                   today, {{"If-Match", "\"1\""}})
                  .status,
              412);
}

TEST_F(AdministrationTest, AGrantEndsOnADayAndStays) {
    auto const officer = person("R04", kHere);
    auto const target = place(officer, fmt::format("/grants/{}", grant_of(officer)));
    auto const day = [&](int from_today) { return database.value(fmt::format("SELECT pub.business_date() + {}", from_today)); };
    EXPECT_EQ(send(me, "PATCH", target, {{"valid_to", day(30)}}).status, 428);
    auto const before = match(officer);
    auto const past = send(me, "PATCH", target, {{"valid_to", day(-1)}}, before);
    EXPECT_EQ(past.status, 400);
    EXPECT_EQ(fields(past).at(0).at("field"), "valid_to");
    EXPECT_EQ(send(me, "PATCH", target, {{"valid_to", day(30)}}, before).status, 200);
    EXPECT_EQ(send(me, "PATCH", target, {{"valid_to", day(10)}}, before).status, 412) << "somebody changed it meanwhile";
    EXPECT_EQ(send(me, "PATCH", target, {{"valid_to", day(60)}}, match(officer)).status, 404) << "an end moves nearer only";
    EXPECT_EQ(send(officer, "GET", "/api/records/producers?limit=1").status, 200);
    EXPECT_EQ(send(me, "PATCH", target, {{"valid_to", day(0)}}, match(officer)).status, 200);
    EXPECT_EQ(send(officer, "GET", "/api/records/producers?limit=1").status, 403);
    auto const grant = get(me, place(officer)).at("grants").at(0);
    EXPECT_EQ(grant.at("has_ended"), true);
    EXPECT_EQ(grant.at("valid_to"), day(0));
    EXPECT_EQ(
        database.value(fmt::format("SELECT string_agg(action, ' ' ORDER BY entry_key) FROM audit.entry WHERE object = 'auth.role_grant' AND row_key = '{}'",
                                   grant.at("id").get<long long>())),
        "insert update update");
    EXPECT_EQ(
        database.value(fmt::format("SELECT DISTINCT account_key FROM audit.entry WHERE object = 'auth.role_grant' AND row_key = '{}' AND action = 'update'",
                                   grant.at("id").get<long long>())),
        std::to_string(account(me.login)));
}

TEST_F(AdministrationTest, WhatIsWrongWithAGrantIsNamed) {
    auto const officer = person("R04", kHere);
    auto const wrong = [&](Json const& grant) {
        auto const response = send(me, "POST", place(officer, "/grants"), grant);
        EXPECT_EQ(response.status, 400) << test_support::Api::text(response);
        return read(response).at("errors").at(0).at("field").get<std::string>();
    };
    EXPECT_EQ(wrong({{"role", "R01"}}), "role");
    EXPECT_EQ(wrong({{"role", "R05"}}), "unit");
    EXPECT_EQ(wrong({{"role", "R05"}, {"unit", "86"}}), "unit");
    EXPECT_EQ(wrong({{"role", "R02"}}), "producer");
    EXPECT_EQ(wrong({{"role", "R02"}, {"producer", 99'999'999}}), "producer");
    EXPECT_EQ(wrong({{"role", "R10"}, {"unit", "86"}}), "document");
    EXPECT_EQ(wrong({{"role", "R17"}, {"valid_from", "2027-02-01"}, {"valid_to", "2027-01-01"}}), "valid_to");
    EXPECT_EQ(send(me, "POST", place(officer, "/grants"), {{"role", "R06"}, {"unit", "829@2025-06-30"}}).status, 201);
}

TEST_F(AdministrationTest, LockingKeepsOutAndUnlockingLetsInAgain) {
    auto const officer = person("R04", kHere);
    EXPECT_EQ(send(me, "PATCH", place(officer), {{"state", "closed"}}, match(officer)).status, 400);
    EXPECT_EQ(send(me, "PATCH", place(officer), {{"state", "locked"}}, match(officer)).status, 200);
    EXPECT_EQ(send(officer, "GET", "/api/session").status, 401);
    EXPECT_EQ(send(me, "POST", place(officer, "/reset-code"), Json::object()).status, 409);
    auto const sign_in = gis_core::to_text(Json{{"login", officer.login}, {"password", kPassword}});
    EXPECT_EQ(api.call("POST", "/api/session", sign_in, json).status, 403);
    EXPECT_EQ(send(me, "PATCH", place(officer), {{"state", "active"}}, match(officer)).status, 200);
    EXPECT_EQ(api.call("POST", "/api/session", sign_in, json).status, 200);
    EXPECT_EQ(acts_on(officer, me), "account-locked account-active");

    // Somebody who never set a password waits for it again.
    auto const made = send(me, "POST", "/api/accounts", {{"login", "chua.vao"}, {"name", "Chưa Vào"}});
    auto const target = std::string{*made.headers.find("Location")};
    auto const version = [&] { return Fields{{"If-Match", fmt::format("\"{}\"", get(me, target).at("version").get<int>())}}; };
    EXPECT_EQ(send(me, "PATCH", target, {{"state", "locked"}}, version()).status, 200);
    EXPECT_EQ(reset("chua.vao", read(made).at("code")), 401);
    EXPECT_EQ(read(send(me, "PATCH", target, {{"state", "active"}}, version())).at("state"), "pending");
    EXPECT_EQ(reset("chua.vao", read(made).at("code")), 204);
}

TEST_F(AdministrationTest, CodesSessionsAndSecondFactorAreForOthersAndStandInTheAudit) {
    auto const officer = person("R04", kHere);
    database.value(fmt::format(
        "WITH on_now AS (UPDATE auth.account SET totp_secret = '\\x00', totp_confirmed_at = now() WHERE login = '{}' RETURNING 1) SELECT count(*) FROM on_now",
        officer.login));
    EXPECT_EQ(send(me, "PATCH", place(officer), {{"email", "moi@example.vn"}, {"phone", ""}}, match(officer)).status, 200);
    EXPECT_EQ(send(me, "PATCH", place(officer), {{"email", "không phải thư"}}, match(officer)).status, 400);
    EXPECT_EQ(send(me, "DELETE", place(officer, "/sessions")).status, 204);
    EXPECT_EQ(send(officer, "GET", "/api/session").status, 401);
    EXPECT_EQ(send(me, "DELETE", place(officer, "/second-factor"), Json::object()).status, 204);
    EXPECT_EQ(send(me, "DELETE", place(officer, "/second-factor"), Json::object()).status, 409);
    auto const first = read(send(me, "POST", place(officer, "/reset-code"), Json::object())).at("code");
    auto const second = read(send(me, "POST", place(officer, "/reset-code"), Json::object())).at("code");
    EXPECT_EQ(reset(officer.login, first), 401) << "the codes of before are good no more";
    EXPECT_EQ(reset(officer.login, second), 204);
    EXPECT_EQ(acts_on(officer, me), "account-changed sessions-ended second-factor-reset reset-code reset-code");
    EXPECT_EQ(database.value(fmt::format("SELECT reason FROM audit.entry WHERE action = 'account-changed' AND row_key = '{}'", account(officer.login))),
              "email, phone");
    EXPECT_EQ(told(officer), "second_factor_on email second_factor_off reset_code reset_code password");
}

TEST_F(AdministrationTest, TheOwnerIsToldAlsoOfWhatTheyDidThemselves) {
    auto const officer = person("R04", kHere);
    EXPECT_EQ(told(officer), "") << "a first password is no change";
    EXPECT_EQ(send(officer, "POST", "/api/password", {{"current", kPassword}, {"password", "ghe xuồng ba lá về chợ"}}).status, 204);
    auto const key = send(officer, "POST", "/api/keys", {{"name", "cân"}, {"scopes", {"read"}}});
    EXPECT_EQ(key.status, 201);
    EXPECT_EQ(send(officer, "DELETE", fmt::format("/api/keys/{}", get(officer, "/api/keys").at("items").at(0).at("id").get<long long>())).status, 204);
    EXPECT_EQ(told(officer), "password key_made key_ended");
    EXPECT_EQ(database.value("SELECT notify.dispatch(1000, true)"), "3");
    EXPECT_EQ(get(officer, "/api/notifications").at("unread"), 3);
    EXPECT_EQ(get(me, "/api/notifications").at("unread"), 0);
    EXPECT_EQ(send(officer, "PATCH", "/api/notifications/settings", {{"kind", "account"}, {"mail", false}}).status, 400) << "nobody switches that off";
}

TEST_F(AdministrationTest, ANewBrowserIsToldAndANewAddressToTheOldOne) {
    auto const officer = person("R04", kHere);
    EXPECT_EQ(told(officer), "") << "the first browser of all is not new";
    auto const sign_in = [&](std::string const& cookie) {
        auto fields = json;
        if (!cookie.empty()) fields.emplace_back("Cookie", cookie);
        auto const answer = api.call("POST", "/api/session", gis_core::to_text(Json{{"login", officer.login}, {"password", kPassword}}), fields);
        EXPECT_EQ(answer.status, 200);
        std::string device;
        for (auto const& [name, value] : answer.headers) {
            if (name == "Set-Cookie" && value.starts_with("ocopmap_device=")) device = value.substr(0, value.find(';'));
        }
        return device;
    };
    auto const device = sign_in({});
    EXPECT_EQ(told(officer), "new_browser");
    ASSERT_FALSE(device.empty());
    sign_in(device);
    EXPECT_EQ(told(officer), "new_browser") << "the same browser again";

    EXPECT_EQ(send(me, "PATCH", place(officer), {{"email", "cu@example.vn"}}, match(officer)).status, 200);
    EXPECT_EQ(send(me, "PATCH", place(officer), {{"email", "moi@example.vn"}}, match(officer)).status, 200);
    database.value("SELECT notify.dispatch(1000, true)");
    std::vector<std::string> addresses;
    for (auto row = database.query("SELECT address FROM notify.take_mail()"); !row.empty(); row = database.query("SELECT address FROM notify.take_mail()")) addresses.push_back(row[0][0]);
    EXPECT_THAT(addresses, testing::UnorderedElementsAre("moi@example.vn", "moi@example.vn", "moi@example.vn", "cu@example.vn"));
    EXPECT_EQ(get(officer, "/api/notifications").at("unread"), 3);  // the browser and two changes; what went to the old address stands in no inbox
}

TEST_F(AdministrationTest, ASignInOfAWhileAgoWantsThePasswordOnceMore) {
    auto const officer = person("R04", kHere);
    auto const other = person("R05", kHere);
    time_passes();
    auto const wanted = [&](http::Response const& response) {
        EXPECT_EQ(response.status, 403) << test_support::Api::text(response);
        return fields(response).at(0).at("field").get<std::string>();
    };
    EXPECT_EQ(wanted(send(me, "POST", place(officer, "/reset-code"), Json::object())), "own_password");
    EXPECT_EQ(wanted(send(me, "POST", place(officer, "/reset-code"), {{"own_password", "không phải mật khẩu"}})), "own_password");
    EXPECT_EQ(send(me, "POST", place(officer, "/reset-code"), {{"own_password", kPassword}}).status, 201);
    EXPECT_EQ(wanted(send(me, "POST", place(officer, "/grants"), {{"role", "R17"}})), "own_password");
    EXPECT_EQ(send(me, "POST", place(officer, "/grants"), {{"role", "R17"}, {"own_password", kPassword}}).status, 201);
    EXPECT_EQ(wanted(send(me, "POST", "/api/accounts", {{"login", "moi.lam"}, {"name", "Mới"}})), "own_password");
    EXPECT_EQ(wanted(send(me, "DELETE", place(officer, "/second-factor"), Json::object())), "own_password");
    EXPECT_EQ(wanted(send(other, "POST", "/api/keys", {{"name", "cân"}, {"scopes", {"read"}}})), "own_password");
    EXPECT_EQ(send(other, "POST", "/api/keys", {{"name", "cân"}, {"scopes", {"read"}}, {"own_password", kPassword}}).status, 201);
    EXPECT_EQ(send(me, "GET", place(officer)).status, 200) << "reading wants none";
}

TEST_F(AdministrationTest, AKeyManagesNobody) {
    auto const key = read(send(me, "POST", "/api/keys", {{"name", "máy"}, {"scopes", {"read", "write"}}})).at("key").get<std::string>();
    EXPECT_EQ(api.call("GET", "/api/accounts", "", {{"Authorization", "Bearer " + key}}).status, 403);
}

// Everybody knows the password of the demo's administrator: whom the operator made is out of reach.
TEST_F(AdministrationTest, TheDemosAdministratorManagesTheDemosPeople) {
    auto const officer = person("R04", kHere);
    database.value(fmt::format("WITH demo AS (UPDATE auth.account SET is_demo = true WHERE login = '{}' RETURNING 1) SELECT count(*) FROM demo", me.login));
    EXPECT_EQ(send(me, "GET", place(officer)).status, 404);
    EXPECT_EQ(send(me, "POST", place(officer, "/reset-code"), Json::object()).status, 404);
    EXPECT_EQ(get(me, "/api/accounts").at("items").size(), static_cast<std::size_t>(number("SELECT count(*) FROM auth.account WHERE is_demo")));
    auto const made = send(me, "POST", "/api/accounts", {{"login", "cua.demo"}, {"name", "Của bản trình diễn"}});
    ASSERT_EQ(made.status, 201) << test_support::Api::text(made);
    EXPECT_EQ(get(me, std::string{*made.headers.find("Location")}).at("is_demo"), true);
}

}  // namespace
