#include "tests/integration/accounts/support.hpp"

namespace accounts_test {
namespace {

using testing::HasSubstr;

/// Old communes by the crosswalk or by their district, from the files of the demo: "28777,28792".
std::string old_communes(std::string const& file, int column, std::string const& wanted, std::string const& valid_from = {}) {
    std::ifstream in{test_support::source_dir() + "/data/demo/" + file};
    std::set<std::string> codes;
    for (std::string line; std::getline(in, line);) {
        std::vector<std::string> fields;
        for (std::size_t at = 0; at <= line.size();) {
            auto const end = std::min(line.find(',', at), line.size());
            fields.push_back(line.substr(at, end - at));
            at = end + 1;
        }
        if (fields.at(static_cast<std::size_t>(column)) == wanted && (valid_from.empty() || fields.at(5) == valid_from)) codes.insert(fields[0]);
    }
    std::string text;
    for (auto const& code : codes) text += (text.empty() ? "" : ",") + code;
    return text;
}

class GrantsTest : public testing::Test {
protected:
    TestDatabase database{TestDatabase::From::demo};
    Pool pool{as_service(database)};
    std::string account = add_account(database, "can.bo");

    void today_is(std::string const& day) const {
        database.execute("CREATE OR REPLACE FUNCTION pub.business_date() RETURNS date LANGUAGE sql STABLE AS $$ SELECT date '" + day + "' $$");
    }
    std::string grant(std::string const& role, std::string const& unit, std::string const& from = "2025-01-01", std::string const& to = "NULL") const {
        return database.value("INSERT INTO auth.role_grant (account_key, role, unit_key, valid_from, valid_to) VALUES (" + account + ", '" + role + "', " +
                              unit + ", '" + from + "', " + to + ") RETURNING grant_key");
    }
    Actor actor(std::string const& role, std::string const& grant_key) const {
        return {.role = "ocopmap_" + role, .account = std::stoll(account), .grant = std::stoll(grant_key), .request = "r1", .reason = "thử"};
    }
    /// The old communes of the lineages that an actor sees, "" for none.
    std::string sees(Actor const& who) {
        auto const lineages = pool.read({}, who, [](Tx& tx, Session&) { return tx.exec1("SELECT auth.lineages()")[0].as<std::string>(); });
        return database.value(
            "SELECT string_agg(u.code, ',' ORDER BY u.code) FROM geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key) "
            "WHERE u.valid_to = '2025-07-01' AND l.lineage_key = ANY ('" +
            lineages + "')");
    }
    std::string value(Actor const& who, std::string const& sql) {
        return pool.read({}, who, [&](Tx& tx, Session&) { return tx.exec1(sql)[0].as<std::string>(); });
    }
};

/// Officers of Sơn Phú (until the reform), of phường An Hội (from then on) and of the old district Giồng Trôm.
TEST_F(GrantsTest, FollowTheReform) {
    auto const old_commune = actor("r04", grant("R04", unit_key(database, "29014", "2025-06-30")));
    auto const new_commune = actor("r04", grant("R04", unit_key(database, "28777", "2025-07-01")));
    auto const district = actor("r06", grant("R06", unit_key(database, "834", "2025-06-30", "district")));
    auto const province = actor("r08", grant("R08", unit_key(database, "86", "2025-07-01", "province")));
    auto const in_an_hoi = old_communes("crosswalk.csv", 1, "28777");
    auto const in_giong_trom = old_communes("communes.csv", 4, "834", "2025-01-01");
    ASSERT_THAT(in_an_hoi, HasSubstr("29014"));
    ASSERT_THAT(in_giong_trom, HasSubstr("29014"));
    for (auto const* day : {"2025-06-30", "2025-07-01", "2026-11-23"}) {
        bool const before = std::string_view{day} < "2025-07-01";
        today_is(day);
        EXPECT_EQ(sees(old_commune), before ? "29014" : "") << day;
        EXPECT_EQ(sees(new_commune), before ? "" : in_an_hoi) << day;
        EXPECT_EQ(sees(district), in_giong_trom) << day;
        EXPECT_EQ(value(province, "SELECT cardinality(auth.lineages())"), before ? "0" : "148") << day;
        EXPECT_EQ(value(old_commune, "SELECT coalesce(auth.grant_key(), 0)"), before ? std::to_string(old_commune.grant) : "0") << day;
        EXPECT_EQ(value(old_commune, "SELECT auth.account()"), account) << day;
    }
}

TEST_F(GrantsTest, HoldFromTheirFirstDayToTheDayTheyEnd) {
    auto const unit = unit_key(database, "28777", "2025-07-01");
    auto const who = actor("r05", grant("R05", unit, "2026-03-02", "'2026-03-05'"));
    for (auto const& [day, holds] : {std::pair{"2026-03-01", false}, {"2026-03-02", true}, {"2026-03-04", true}, {"2026-03-05", false}}) {
        today_is(day);
        EXPECT_EQ(value(who, "SELECT auth.grant_key() IS NOT NULL"), holds ? "t" : "f") << day;
    }
}

TEST_F(GrantsTest, AreNobodyElses) {
    auto const unit = unit_key(database, "28777", "2025-07-01");
    auto const good = actor("r04", grant("R04", unit));
    EXPECT_NE(sees(good), "");
    auto other = good;
    other.account = std::stoll(add_account(database, "nguoi.khac"));
    EXPECT_EQ(sees(other), "");
    auto role = good;
    role.role = "ocopmap_r05";
    EXPECT_EQ(sees(role), "") << "the grant is of another role than the transaction";
    auto none = good;
    none.grant = 0;
    EXPECT_EQ(sees(none), "");
    EXPECT_EQ(value(none, "SELECT auth.account()"), account);
    EXPECT_EQ(value(good, "SELECT auth.producers()"), "{}");
    database.execute("UPDATE auth.account SET state = 'locked' WHERE account_key = " + account);
    EXPECT_EQ(sees(good), "");
    EXPECT_EQ(value(good, "SELECT auth.account() IS NULL"), "t");
}

TEST_F(GrantsTest, OfAProducerNameTheProducer) {
    auto const producer = database.value("SELECT min(producer_key) FROM ocop.producer");
    auto const key = database.value("INSERT INTO auth.role_grant (account_key, role, producer_key, valid_from) VALUES (" + account + ", 'R02', " + producer +
                                    ", '2025-01-01') RETURNING grant_key");
    EXPECT_EQ(value(actor("r02", key), "SELECT auth.producers()"), "{" + producer + "}");
    EXPECT_EQ(value(actor("r02", key), "SELECT auth.lineages()"), "{}");
}

TEST_F(GrantsTest, WantTheLevelOfTheirRole) {
    auto const commune = unit_key(database, "28777", "2025-07-01");
    auto const district = unit_key(database, "834", "2025-06-30", "district");
    auto const province = unit_key(database, "86", "2025-07-01", "province");
    for (auto const& [role, unit] : {std::pair{"R04", district}, {"R05", province}, {"R06", commune}, {"R08", commune}, {"R13", district}}) {
        EXPECT_THROW(grant(role, unit), std::runtime_error) << role;
    }
    for (auto const* role : {"R02", "R16", "R17"}) EXPECT_THROW(grant(role, commune), std::runtime_error) << role;
    EXPECT_THROW(grant("R04", "NULL"), std::runtime_error);
    EXPECT_THROW(grant("R19", commune), std::runtime_error);
    EXPECT_NO_THROW(grant("R16", "NULL"));
}

/// Policies as they are meant to be written: the territory is computed once a statement, not once a row.
TEST_F(GrantsTest, BoundTheRowsOfAPolicy) {
    database.execute(
        "CREATE TABLE public.thing (lineage_key integer); INSERT INTO public.thing SELECT lineage_key FROM geo.lineage, generate_series(1, 10); "
        "GRANT SELECT ON public.thing TO ocopmap_r04; ALTER TABLE public.thing ENABLE ROW LEVEL SECURITY; "
        "CREATE POLICY territory ON public.thing TO ocopmap_r04 USING (lineage_key = ANY ((SELECT auth.lineages())::integer[]))");
    auto const who = actor("r04", grant("R04", unit_key(database, "28777", "2025-07-01")));
    EXPECT_EQ(value(who, "SELECT count(*) FROM public.thing"), "40");  // four old communes
    auto const plan = pool.read({}, who, [](Tx& tx, Session&) {
        std::string text;
        for (auto const& row : tx.exec("EXPLAIN SELECT * FROM public.thing")) text += row[0].as<std::string>() + "\n";
        return text;
    });
    EXPECT_THAT(plan, HasSubstr("InitPlan"));
    auto stranger = who;
    stranger.account = 0;
    EXPECT_EQ(value(stranger, "SELECT count(*) FROM public.thing"), "0");
}

TEST_F(GrantsTest, TheServiceBeginsAndEndsAsAVisitor) {
    Pool one{{.conninfo = database.conninfo_as("ocopmap_api"), .size = 1}};
    auto const state = [&] {
        return one.read({}, [](Tx& tx, Session&) {
            return tx.exec1("SELECT current_user || ' ' || coalesce(nullif(current_setting('ocopmap.account', true), ''), '-')")[0].as<std::string>();
        });
    };
    EXPECT_EQ(state(), "ocopmap_public -");
    auto const who = actor("r04", grant("R04", unit_key(database, "28777", "2025-07-01")));
    EXPECT_EQ(one.write(who,
                        [](Tx& tx, Session&) {
                            return tx.exec1("SELECT concat_ws(' ', current_user, current_setting('ocopmap.request'), current_setting('ocopmap.reason'))")[0]
                                .as<std::string>();
                        }),
              "ocopmap_r04 r1 thử");
    EXPECT_EQ(state(), "ocopmap_public -");
    EXPECT_THROW(one.write(who, [](Tx&, Session&) { throw gis_core::Error{ErrorKind::conflict, "x"}; }), gis_core::Error);
    EXPECT_EQ(state(), "ocopmap_public -");
    EXPECT_EQ(one.run([](Session& session) {
        pqxx::nontransaction tx{session.connection()};
        tx.exec("SET ROLE ocopmap_r04; RESET ROLE");
        return tx.exec1("SELECT current_user")[0].as<std::string>();
    }),
              "ocopmap_public");
}

/// No role reaches the accounts but the one that keeps them, and that one makes neither accounts nor grants; and administrators, who see
/// nobody without a grant in force, and no secret of anybody.
TEST_F(GrantsTest, KeepTheAccountsToThemselves) {
    auto const attempt = [&](std::string const& role, std::string const& sql) {
        return refusal([&] { pool.write(Actor{.role = role, .account = 0, .grant = 0, .request = {}, .reason = {}}, [&](Tx& tx, Session&) { tx.exec(sql); }); })
            .first;
    };
    for (int n = 1; n <= 18; ++n) {
        if (n == 16) continue;
        auto const role = std::string{"ocopmap_r"} + (n < 10 ? "0" : "") + std::to_string(n);
        for (auto const* table : {"account", "role_grant", "session", "api_key", "reset_code", "sign_up", "sign_in_counter"}) {
            EXPECT_EQ(attempt(role, std::string{"SELECT FROM auth."} + table), ErrorKind::forbidden) << role << " " << table;
        }
    }
    for (auto const* table : {"account", "role_grant", "session", "api_key", "reset_code"}) {
        auto const seen = pool.read({}, Actor{.role = "ocopmap_r16", .account = 0, .grant = 0, .request = {}, .reason = {}},
                                    [&](Tx& tx, Session&) { return tx.exec(std::string{"SELECT FROM auth."} + table).size(); });
        EXPECT_EQ(seen, 0) << table;
        EXPECT_EQ(attempt("ocopmap_r16", std::string{"DELETE FROM auth."} + table), ErrorKind::forbidden) << table;
    }
    for (auto const* secret : {"password_hash FROM auth.account", "totp_secret FROM auth.account", "token_hash FROM auth.session", "key_hash FROM auth.api_key",
                               "code_hash FROM auth.reset_code", "FROM auth.sign_up", "FROM auth.sign_in_counter"}) {
        EXPECT_EQ(attempt("ocopmap_r16", std::string{"SELECT "} + secret), ErrorKind::forbidden) << secret;
    }
    EXPECT_EQ(attempt("ocopmap_auth", "INSERT INTO auth.account (login, display_name) VALUES ('abc', 'x')"), ErrorKind::forbidden);
    EXPECT_EQ(attempt("ocopmap_auth", "INSERT INTO auth.role_grant (account_key, role, valid_from) VALUES (1, 'R16', '2025-01-01')"), ErrorKind::forbidden);
    EXPECT_EQ(attempt("ocopmap_auth", "UPDATE auth.role_grant SET role = 'R16'"), ErrorKind::forbidden);
    EXPECT_EQ(attempt("ocopmap_auth", "SELECT FROM ocop.producer"), ErrorKind::forbidden);
    EXPECT_EQ(attempt("ocopmap_r05", "SELECT auth.decide_sign_up(1, true, '', 'abc', ''::bytea, 1)"), ErrorKind::forbidden);
    EXPECT_EQ(attempt("ocopmap_editor", "SELECT 1"), ErrorKind::forbidden);
    // Without an actor it is our fault, not the visitor's.
    EXPECT_EQ(refusal([&] { pool.read({}, [](Tx& tx, Session&) { return tx.exec("SELECT FROM auth.account").size(); }); }).first, ErrorKind::internal);
}

}  // namespace
}  // namespace accounts_test
