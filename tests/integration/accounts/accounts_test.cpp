#include "programme/demo/record.hpp"
#include "tests/integration/accounts/support.hpp"

#include "programme/accounts/totp.hpp"

#include <atomic>
#include <thread>

#include <time.h>

namespace accounts_test {
namespace {

using accounts::Client;
using accounts::seconds;
using testing::HasSubstr;

double thread_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class AccountsTest : public testing::Test {
protected:
    TestDatabase database{TestDatabase::From::demo};
    Pool pool{as_service(database)};
    accounts::TimePoint now = std::chrono::system_clock::now();
    std::string const key = std::string(64, 'e');
    accounts::Accounts all{pool, key, [this] { return now; }};
    Client const here{.address = "203.0.113.7", .user_agent = "Firefox Windows", .device = {}};

    AccountsTest() {
        auto const code = as_operator(database, [](Tx& tx, Session& session) {
            accounts::add_user(tx, session, {.login = "An.Nguyễn", .name = "Nguyễn Văn An", .email = {}, .phone = {}});
            return accounts::issue_reset_code(tx, session, "an.nguyen", false);
        });
        all.reset_password("an.nguyen", code, kPassword, here, "r0");
    }
    accounts::SignedIn sign_in(std::string const& password = kPassword, std::string const& code = {}, std::optional<Client> from = {}) {
        return all.sign_in("an.nguyen", password, code, from.value_or(here), "r1");
    }
    accounts::Identity who(accounts::SignedIn const& signed_in) { return all.find_session(signed_in.token, "r2").value(); }
    std::pair<ErrorKind, std::string> refused(std::string const& password, std::string const& code = {}, std::optional<Client> from = {}) {
        return refusal([&] { sign_in(password, code, from); });
    }
    /// Everything that the tables of auth hold, as text.
    std::string everything() const {
        std::string text;
        for (auto const& table : database.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'auth'")) {
            text += database.value("SELECT string_agg(t::text, E'\\n') FROM auth." + table[0] + " t");
        }
        return text;
    }
};

TEST_F(AccountsTest, ActsOnAnAccountStandInTheAudit) {
    auto const me = who(sign_in());
    refused("sai mật khẩu rồi");
    all.change_password(me, kPassword, "thuyền dừa xa khơi");
    all.make_key(me, {.name = "cân",
                      .grant = as_operator(database,
                                           [](Tx& tx, Session& session) {
                                               return accounts::grant_role(tx, session, "an.nguyen",
                                                                           {.role = "R16", .unit = {}, .producer = 0, .from = {}, .to = {}, .document = {}});
                                           }),
                      .scopes = {"read"},
                      .rate_per_minute = 60,
                      .expires_on = {}});
    all.revoke_session(me, me.session);
    as_operator(database, [](Tx& tx, Session& session) {
        accounts::set_state(tx, session, "an.nguyen", "locked");
        return 0;
    });
    EXPECT_EQ(refused("thuyền dừa xa khơi").first, ErrorKind::forbidden);
    auto const account = std::to_string(me.account);
    EXPECT_EQ(
        database.value("SELECT string_agg(action, ' ' ORDER BY entry_key) FROM audit.entry WHERE object = 'auth.account' AND row_key = '" + account + "'"),
        "account-made reset-code password-reset sign-in sign-in-refused password-changed sign-out account-locked sign-in-locked");
    EXPECT_EQ(database.value("SELECT reason FROM audit.entry WHERE action = 'sign-in'"), "203.0.113.0/24, Firefox, Windows");
    EXPECT_EQ(database.value("SELECT string_agg(object || ' ' || action, ', ' ORDER BY entry_key) FROM (SELECT * FROM audit.entry WHERE object IN "
                             "('auth.role_grant', 'auth.api_key') ORDER BY entry_key DESC LIMIT 2) last"),
              "auth.role_grant insert, auth.api_key insert");
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.revision r WHERE r.image::text LIKE '%key_hash%'"), "0");
}

TEST_F(AccountsTest, ASignInGivesASessionAndTheDatabaseHoldsNoToken) {
    auto const signed_in = sign_in();
    EXPECT_EQ(who(signed_in).login, "an.nguyen");
    EXPECT_EQ(who(signed_in).display_name, "Nguyễn Văn An");
    auto const other_first = signed_in.token[0] == 'x' ? "y" : "x";
    EXPECT_EQ(all.find_session(other_first + signed_in.token.substr(1), "r"), std::nullopt);
    auto const stored = everything();
    EXPECT_THAT(stored, HasSubstr(accounts::token_hash(signed_in.token)));
    for (auto const& secret : {signed_in.token, signed_in.device, who(signed_in).csrf, std::string{kPassword}, here.address}) {
        EXPECT_EQ(stored.find(secret), std::string::npos);
    }
    EXPECT_THAT(database.value("SELECT address || ' ' || user_agent FROM auth.session"), "203.0.113.0/24 Firefox, Windows");
}

TEST_F(AccountsTest, AnUnknownLoginLooksAndCostsLikeAWrongPassword) {
    double known = 1e9, unknown = 1e9;
    for (int i = 0; i < 3; ++i) {
        auto start = thread_seconds();
        auto const wrong = refused("không phải mật khẩu này");
        known = std::min(known, thread_seconds() - start);
        start = thread_seconds();
        auto const nobody = refusal([&] { all.sign_in("khong.ai", "không phải mật khẩu này", "", here, "r"); });
        unknown = std::min(unknown, thread_seconds() - start);
        EXPECT_EQ(wrong, nobody);
        EXPECT_EQ(wrong.first, ErrorKind::unauthenticated);
    }
    EXPECT_GT(unknown / known, 0.5);  // of processor time; without the hash it would be a hundredth
    EXPECT_LT(unknown / known, 2);
    // It is delayed like one, too.
    for (int i = 0; i < 2; ++i) refusal([&] { all.sign_in("khong.ai", "x", "", here, "r"); });
    EXPECT_EQ(refusal([&] { all.sign_in("khong.ai", "x", "", here, "r"); }).first, ErrorKind::too_many_requests);
}

TEST_F(AccountsTest, FailuresDelayTheirSourceAndNobodyElse) {
    auto const known_browser = sign_in().device;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(refused("sai").first, ErrorKind::unauthenticated);
    EXPECT_EQ(refused(kPassword).first, ErrorKind::too_many_requests) << "the right password is not looked at either";
    EXPECT_NO_THROW(sign_in(kPassword, "", Client{.address = "198.51.100.9", .user_agent = {}, .device = {}}));
    EXPECT_NO_THROW(sign_in(kPassword, "", Client{.address = here.address, .user_agent = {}, .device = known_browser}));
    now += seconds{1};
    EXPECT_EQ(refused("sai").first, ErrorKind::unauthenticated);
    now += seconds{1};
    EXPECT_THAT(refused(kPassword).second, HasSubstr("try again in 1 s"));
    now += seconds{1};
    EXPECT_NO_THROW(sign_in());
    EXPECT_EQ(refused("sai").first, ErrorKind::unauthenticated);
    EXPECT_NO_THROW(sign_in()) << "a success begins the count anew";
}

TEST_F(AccountsTest, GuessingFromAThousandAddressesSlowsDown) {
    auto const known_browser = sign_in().device;
    database.execute("INSERT INTO auth.sign_in_counter VALUES (decode('" + accounts::Vault{key}.hash("an.nguyen\nelsewhere") +
                     "', 'hex'), 110, now()) ON CONFLICT "
                     "(counter_key) DO UPDATE SET failures = 110, last_at = now()");
    EXPECT_EQ(refused("sai", "", Client{.address = "192.0.2.44", .user_agent = {}, .device = {}}).first, ErrorKind::too_many_requests);
    EXPECT_NO_THROW(sign_in(kPassword, "", Client{.address = "192.0.2.45", .user_agent = {}, .device = known_browser}));
    now += seconds{180};  // the database's clock went on, too
    EXPECT_NO_THROW(sign_in(kPassword, "", Client{.address = "192.0.2.46", .user_agent = {}, .device = {}}));
}

TEST_F(AccountsTest, AttemptsAtTheSameTimeAllCount) {
    accounts::Accounts other{pool, key, [this] { return now; }};
    std::atomic<int> looked_at{0};
    std::vector<std::thread> guessers;
    for (int i = 0; i < 4; ++i) {
        guessers.emplace_back([&, i] {
            for (int k = 0; k < 5; ++k) {
                auto const kind = refusal([&] { (i % 2 == 0 ? all : other).sign_in("an.nguyen", "sai", "", here, "r"); }).first;
                if (kind == ErrorKind::unauthenticated) ++looked_at;
            }
        });
    }
    for (auto& guesser : guessers) guesser.join();
    EXPECT_LE(looked_at, 8);  // five are free, and the first four may come before there is a counter
    EXPECT_GE(looked_at, 1);
}

TEST_F(AccountsTest, ASecondFactorIsTakenOnce) {
    auto const me = who(sign_in());
    EXPECT_EQ(refusal([&] { all.offer_second_factor(me, "sai"); }).first, ErrorKind::forbidden);
    auto const offer = all.offer_second_factor(me, kPassword);
    EXPECT_NO_THROW(sign_in()) << "it counts from its confirmation on";
    EXPECT_EQ(everything().find(offer.secret), std::string::npos);
    auto const secret = [&] {
        return accounts::Vault{key}.open(database.value("SELECT encode(totp_secret, 'hex') FROM auth.account WHERE login = 'an.nguyen'"),
                                         "totp " + std::to_string(me.account));
    }();
    EXPECT_EQ(accounts::base32(secret), offer.secret);
    auto const code_at = [&](accounts::TimePoint time) {
        return accounts::hotp(secret, static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(time.time_since_epoch()).count() / 30));
    };
    EXPECT_EQ(refusal([&] { all.confirm_second_factor(me, "000000"); }).first, ErrorKind::invalid_argument);
    auto const recovery = all.confirm_second_factor(me, code_at(now));
    EXPECT_EQ(recovery.size(), 10U);
    EXPECT_EQ(everything().find(accounts::normal_code(recovery[0])), std::string::npos);

    EXPECT_THAT(refused(kPassword).second, HasSubstr("wants a second factor"));
    EXPECT_EQ(refused("sai").second, "login or password is not right") << "who has not the password is told nothing";
    EXPECT_EQ(refused(kPassword, code_at(now)).first, ErrorKind::unauthenticated) << "the code that confirmed is used";
    now += seconds{30};
    EXPECT_NO_THROW(sign_in(kPassword, code_at(now)));
    EXPECT_THAT(refused(kPassword, code_at(now)).second, HasSubstr("used already"));
    EXPECT_NO_THROW(sign_in(kPassword, recovery[3]));
    EXPECT_EQ(refused(kPassword, recovery[3]).first, ErrorKind::unauthenticated);
    EXPECT_EQ(refusal([&] { all.offer_second_factor(me, kPassword); }).first, ErrorKind::conflict);
    all.remove_second_factor(me, kPassword);
    EXPECT_NO_THROW(sign_in());
}

TEST_F(AccountsTest, SessionsEndWhenToldAndWhenIdle) {
    auto const first = sign_in(), second = sign_in(), third = sign_in();
    auto const me = who(first);
    EXPECT_EQ(all.sessions(me).size(), 3U);
    EXPECT_TRUE(all.revoke_session(me, who(second).session));
    EXPECT_EQ(all.find_session(second.token, "r"), std::nullopt);
    EXPECT_FALSE(all.revoke_session(me, 999'999));

    database.execute("UPDATE auth.session SET last_seen_at = now() - interval '31 minutes' WHERE session_key = " + std::to_string(who(third).session));
    EXPECT_EQ(all.find_session(third.token, "r"), std::nullopt);
    database.execute("UPDATE auth.session SET last_seen_at = now() - interval '29 minutes'");
    EXPECT_NE(all.find_session(third.token, "r"), std::nullopt);
    EXPECT_EQ(database.value("SELECT last_seen_at > now() - interval '1 minute' FROM auth.session WHERE token_hash = decode('" +
                             accounts::token_hash(third.token) + "', 'hex')"),
              "t");
    database.execute("UPDATE auth.session SET expires_at = now() - interval '1 second' WHERE token_hash = decode('" + accounts::token_hash(third.token) +
                     "', 'hex')");
    EXPECT_EQ(all.find_session(third.token, "r"), std::nullopt);

    all.revoke_sessions(me);
    EXPECT_EQ(all.find_session(first.token, "r"), std::nullopt);
}

TEST_F(AccountsTest, ANewPasswordEndsTheOtherSessions) {
    auto const mine = sign_in(), other = sign_in();
    EXPECT_EQ(refusal([&] { all.change_password(who(mine), "sai", "xuồng ba lá chở dừa"); }).first, ErrorKind::forbidden);
    EXPECT_EQ(refusal([&] { all.change_password(who(mine), kPassword, "password1234"); }).first, ErrorKind::invalid_argument);
    all.change_password(who(mine), kPassword, "xuồng ba lá chở dừa");
    EXPECT_NE(all.find_session(mine.token, "r"), std::nullopt);
    EXPECT_EQ(all.find_session(other.token, "r"), std::nullopt);
    EXPECT_EQ(refused(kPassword).first, ErrorKind::unauthenticated);
    EXPECT_NO_THROW(sign_in("xuồng ba lá chở dừa"));
}

TEST_F(AccountsTest, AOneTimeCodeIsGoodOnce) {
    auto const before = sign_in();
    auto const issue = [&] {
        return as_operator(database, [](Tx& tx, Session& session) { return accounts::issue_reset_code(tx, session, "an.nguyen", false); });
    };
    auto const first = issue(), second = issue();
    auto const reset = [&](std::string const& code, std::string const& login = "an.nguyen") {
        all.reset_password(login, code, "xuồng ba lá chở dừa", here, "r");
    };
    EXPECT_EQ(refusal([&] { reset(first); }).first, ErrorKind::unauthenticated) << "a newer one was issued";
    EXPECT_EQ(refusal([&] { reset(second, "khong.ai"); }).first, ErrorKind::unauthenticated);
    reset(second);
    EXPECT_EQ(refusal([&] { reset(second); }).first, ErrorKind::unauthenticated);
    EXPECT_EQ(all.find_session(before.token, "r"), std::nullopt);
    EXPECT_NO_THROW(sign_in("xuồng ba lá chở dừa"));
    auto const late = issue();
    database.execute("UPDATE auth.reset_code SET expires_at = now() - interval '1 second' WHERE used_at IS NULL");
    EXPECT_EQ(refusal([&] { reset(late); }).first, ErrorKind::unauthenticated);
}

TEST_F(AccountsTest, ALockedAccountIsOut) {
    auto const before = sign_in();
    as_operator(database, [](Tx& tx, Session& session) { accounts::set_state(tx, session, "an.nguyen", "locked"); });
    EXPECT_EQ(all.find_session(before.token, "r"), std::nullopt);
    EXPECT_EQ(refused(kPassword).first, ErrorKind::forbidden);
    EXPECT_EQ(refused("sai").first, ErrorKind::unauthenticated);
    as_operator(database, [](Tx& tx, Session& session) { accounts::set_state(tx, session, "an.nguyen", "active"); });
    EXPECT_NO_THROW(sign_in());
}

TEST_F(AccountsTest, AGrantOfTheAccountIsChosenAndEnds) {
    auto const grants = as_operator(database, [](Tx& tx, Session& session) {
        return std::pair{
            accounts::grant_role(tx, session, "an.nguyen", {.role = "R04", .unit = "28777", .producer = 0, .from = {}, .to = {}, .document = "QĐ 1"}),
            accounts::grant_role(tx, session, "an.nguyen", {.role = "R16", .unit = {}, .producer = 0, .from = {}, .to = {}, .document = {}})};
    });
    auto const signed_in = sign_in();
    EXPECT_EQ(who(signed_in).role, "R04");
    EXPECT_EQ(who(signed_in).actor().role, "ocopmap_r04");
    auto const mine = all.grants(who(signed_in));
    ASSERT_EQ(mine.size(), 2U);
    EXPECT_EQ(mine[0].scope, "Phường An Hội");
    all.act_under(who(signed_in), grants.second);
    EXPECT_EQ(who(signed_in).role, "R16");
    auto const foreign = database.value("INSERT INTO auth.role_grant (account_key, role, valid_from) VALUES (" + add_account(database, "khac") +
                                        ", 'R17', '2025-01-01') RETURNING grant_key");
    EXPECT_EQ(refusal([&] { all.act_under(who(signed_in), std::stoll(foreign)); }).first, ErrorKind::invalid_argument);
    as_operator(database, [&](Tx& tx, Session& session) { accounts::end_grant(tx, session, grants.second); });
    EXPECT_EQ(who(signed_in).role, "");
    EXPECT_EQ(who(signed_in).actor().role, "ocopmap_public");
}

TEST_F(AccountsTest, AKeyActsUnderItsGrantUntilRevoked) {
    auto const grant = as_operator(database, [](Tx& tx, Session& session) {
        return accounts::grant_role(tx, session, "an.nguyen", {.role = "R18", .unit = "28777", .producer = 0, .from = {}, .to = {}, .document = {}});
    });
    auto const me = who(sign_in());
    auto const made = all.make_key(me, {.name = "cân điện tử", .grant = grant, .scopes = {"read"}, .rate_per_minute = 5, .expires_on = {}});
    EXPECT_EQ(everything().find(made), std::string::npos);
    auto const machine = all.find_key(made, "r");
    ASSERT_TRUE(machine);
    EXPECT_EQ(machine->role, "R18");
    EXPECT_EQ(machine->scopes, std::vector<std::string>{"read"});
    EXPECT_EQ(pool.read({}, machine->actor(), [](Tx& tx, Session&) { return tx.exec1("SELECT cardinality(auth.lineages())")[0].as<int>(); }), 4);
    EXPECT_EQ(all.find_key(made + "x", "r"), std::nullopt);
    for (auto const& wrong : {accounts::KeyRequest{.name = "x", .grant = grant + 1, .scopes = {"read"}, .rate_per_minute = 5, .expires_on = {}},
                              {.name = "x", .grant = grant, .scopes = {"root"}, .rate_per_minute = 5, .expires_on = {}},
                              {.name = "x", .grant = grant, .scopes = {}, .rate_per_minute = 5, .expires_on = {}},
                              {.name = "", .grant = grant, .scopes = {"read"}, .rate_per_minute = 5, .expires_on = {}},
                              {.name = "x", .grant = grant, .scopes = {"read"}, .rate_per_minute = 0, .expires_on = {}},
                              {.name = "x", .grant = grant, .scopes = {"read"}, .rate_per_minute = 5, .expires_on = "2020-01-01"}}) {
        EXPECT_EQ(refusal([&] { all.make_key(me, wrong); }).first, ErrorKind::invalid_argument);
    }
    auto const listed = all.keys(me);
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_TRUE(made.starts_with(listed[0].prefix));
    EXPECT_TRUE(all.revoke_key(me, listed[0].id));
    EXPECT_EQ(all.find_key(made, "r"), std::nullopt);
}

TEST_F(AccountsTest, ASignUpIsDecidedInItsCommune) {
    accounts::SignUp const wanted{.producer = "Cơ sở kẹo dừa Thử",
                                  .kind = "household",
                                  .commune = "28777",
                                  .contact = "Lê Thị Thử",
                                  .phone = "0912 345 678",
                                  .email = {},
                                  .note = {},
                                  .consent_version = accounts::kConsentVersion};
    auto const id = all.sign_up(wanted, "r");
    auto bad = wanted;
    bad.consent_version.clear();
    EXPECT_THAT(refusal([&] { all.sign_up(bad, "r"); }).second, HasSubstr("consent_version"));
    bad = wanted;
    bad.commune = "29014";  // ended with the reform
    EXPECT_THAT(refusal([&] { all.sign_up(bad, "r"); }).second, HasSubstr("commune is 29014"));

    auto const officer = [&](std::string const& role, std::string const& unit) {
        as_operator(database, [&](Tx& tx, Session& session) {
            database.execute("UPDATE auth.role_grant SET valid_to = valid_from");
            return accounts::grant_role(tx, session, "an.nguyen", {.role = role, .unit = unit, .producer = 0, .from = {}, .to = {}, .document = {}});
        });
        return who(sign_in());
    };
    accounts::Decision const yes{.confirm = true, .reason = {}, .login = {}};
    auto const elsewhere = officer("R04", "28756");
    EXPECT_TRUE(all.sign_ups(elsewhere, "").empty());
    EXPECT_EQ(refusal([&] { all.decide(elsewhere, id, yes); }).first, ErrorKind::not_found);
    auto const leader = officer("R05", "28777");
    EXPECT_EQ(all.sign_ups(leader, "pending").size(), 1U);
    EXPECT_EQ(refusal([&] { all.decide(leader, id, yes); }).first, ErrorKind::forbidden);
    EXPECT_EQ(all.sign_ups(officer("R08", "86"), "").size(), 1U);

    auto const here_officer = officer("R04", "28777");
    EXPECT_EQ(refusal([&] { all.decide(here_officer, id, {.confirm = false, .reason = {}, .login = {}}); }).first, ErrorKind::invalid_argument);
    EXPECT_EQ(refusal([&] { all.decide(here_officer, id, {.confirm = true, .reason = {}, .login = "an.nguyen"}); }).first, ErrorKind::conflict);
    auto const decided = all.decide(here_officer, id, yes);
    EXPECT_EQ(decided.login, "0912345678");
    EXPECT_EQ(refusal([&] { all.decide(here_officer, id, yes); }).first, ErrorKind::conflict);
    EXPECT_EQ(
        database.value("SELECT name || ' ' || is_published || ' ' || unit_match FROM ocop.producer WHERE producer_key = " + std::to_string(decided.producer)),
        "Cơ sở kẹo dừa Thử false declared");
    EXPECT_EQ(database.value("SELECT consent_version || ' ' || state || ' ' || (consent_at > now() - interval '1 hour') FROM auth.sign_up"),
              "2026-1 confirmed true");

    all.reset_password(decided.login, decided.code, "xuồng ba lá chở dừa", here, "r");
    auto const producer = who(all.sign_in(decided.login, "xuồng ba lá chở dừa", "", here, "r"));
    EXPECT_EQ(producer.role, "R02");
    EXPECT_EQ(pool.read({}, producer.actor(), [](Tx& tx, Session&) { return tx.exec1("SELECT auth.producers()")[0].as<std::string>(); }),
              "{" + std::to_string(decided.producer) + "}");

    auto const second = all.sign_up(wanted, "r");
    EXPECT_EQ(all.decide(here_officer, second, {.confirm = false, .reason = "đã có hồ sơ", .login = {}}).state, "refused");
    EXPECT_EQ(all.sign_ups(here_officer, "refused").at(0).reason, "đã có hồ sơ");
}

TEST_F(AccountsTest, TheOperatorIsToldWhatIsWrong) {
    auto const attempt = [&](accounts::NewGrant const& grant) {
        return refusal([&] { as_operator(database, [&](Tx& tx, Session& session) { return accounts::grant_role(tx, session, "an.nguyen", grant); }); }).second;
    };
    EXPECT_THAT(attempt({.role = "R01", .unit = {}, .producer = 0, .from = {}, .to = {}, .document = {}}), HasSubstr("R02 to R18"));
    EXPECT_THAT(attempt({.role = "R04", .unit = {}, .producer = 0, .from = {}, .to = {}, .document = {}}), HasSubstr("unit"));
    EXPECT_THAT(attempt({.role = "R04", .unit = "29014", .producer = 0, .from = {}, .to = {}, .document = {}}), HasSubstr("29014"));
    EXPECT_THAT(attempt({.role = "R06", .unit = "834", .producer = 0, .from = {}, .to = {}, .document = {}}), HasSubstr("CODE@DATE"));
    EXPECT_THAT(attempt({.role = "R02", .unit = {}, .producer = 99'999'999, .from = {}, .to = {}, .document = {}}), HasSubstr("producer"));
    EXPECT_THAT(attempt({.role = "R16", .unit = {}, .producer = 0, .from = "2026-02-01", .to = "2026-01-01", .document = {}}), HasSubstr("valid_to"));
    as_operator(database, [](Tx& tx, Session& session) {
        return accounts::grant_role(tx, session, "an.nguyen", {.role = "R06", .unit = "834@2025-06-30", .producer = 0, .from = {}, .to = {}, .document = {}});
    });
    EXPECT_EQ(refusal([&] {
                  as_operator(database, [](Tx& tx, Session& session) {
                      return accounts::add_user(tx, session, {.login = "AN.NGUYEN", .name = "x", .email = {}, .phone = {}});
                  });
              }).first,
              ErrorKind::conflict);
}

/// One account a role; never where the record is more than a demo.
TEST(DemoUsersTest, AreForTheDemoOnly) {
    TestDatabase const database{TestDatabase::From::demo};
    EXPECT_EQ(database.value(
                  "SELECT string_agg(DISTINCT g.role, ' ' ORDER BY g.role) FROM auth.role_grant g JOIN auth.account a USING (account_key) WHERE a.is_demo"),
              "R02 R03 R04 R05 R06 R07 R08 R09 R10 R11 R12 R13 R14 R15 R16 R17");
    EXPECT_EQ(database.value("SELECT count(DISTINCT unit_key) FROM auth.role_grant WHERE role = 'R04'"), "3");
    Pool pool{as_service(database)};
    accounts::Accounts all{pool, "", [] { return std::chrono::system_clock::now(); }};
    EXPECT_EQ(all.find_session(all.sign_in("demo.r04", accounts::kDemoPassword, "", {.address = "a", .user_agent = {}, .device = {}}, "r").token, "r")->role,
              "R04");
    auto const again = [&] { return as_operator(database, [](Tx& tx, Session& session) { return accounts::add_demo_users(tx, session); }); };
    EXPECT_TRUE(again().empty()) << "again makes none";
    // Another sample takes the producers away, and with them what their accounts acted under.
    as_operator(database, [](Tx& tx, Session&) { programme::demo::clear_record(tx); });
    database.execute("DELETE FROM ocop.product; DELETE FROM ocop.producer WHERE producer_key IN (SELECT producer_key FROM auth.role_grant)");
    EXPECT_THAT(again(), testing::ElementsAre("demo.r02", "demo.r03"));
    database.execute("INSERT INTO ocop.producer (name, kind, registered_on) VALUES ('Thật', 'company', '2025-07-01')");
    EXPECT_EQ(refusal([&] { as_operator(database, [](Tx& tx, Session& session) { return accounts::add_demo_users(tx, session); }); }).first,
              ErrorKind::conflict);
    EXPECT_EQ(refusal([&] { all.sign_in("demo.r04", accounts::kDemoPassword, "", {.address = "a", .user_agent = {}, .device = {}}, "r"); }).first,
              ErrorKind::unauthenticated);
}

}  // namespace
}  // namespace accounts_test
