// What SIGKILL at any moment leaves behind: all of a step or nothing of it, and a next run that ends as if nothing had been.
#include "tests/integration/record/support.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <random>

namespace record_test {
namespace {

using test_support::TestDatabase;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kKills = 6;

/// Runs a command over and over and kills it, each time in the next sixth of the time a whole run takes; after each kill
/// look() sees the database alone. Ends early when the command got to its end.
void kill_at_random_moments(std::string const& conninfo, std::vector<std::string> arguments, milliseconds whole, std::function<void()> const& look) {
    arguments.insert(arguments.begin(), {test_support::cli(), "--database", conninfo, "--home", test_support::source_dir()});
    std::random_device random;
    for (int i = 0; i < kKills; ++i) {
        test_support::Process process{arguments};
        auto const share = (i + static_cast<double>(random()) / static_cast<double>(std::random_device::max())) / kKills;
        auto const ended = process.wait(milliseconds{static_cast<long>(static_cast<double>(whole.count()) * share)});
        process.kill9();
        ASSERT_TRUE(ended == -1 || ended == 0) << process.output();
        ASSERT_TRUE(test_support::wait_until(
            [&] {
                return test_support::value(conninfo,
                                           "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                                           " AND backend_type = 'client backend'") == "0";
            },
            std::chrono::seconds(60)));
        SCOPED_TRACE("killed after " + std::to_string(share) + " of a run");
        look();
        if (ended == 0) return;
    }
}

/// The rows of every table of ours.
std::string rows(TestDatabase const& database) {
    return database.value(
        "SELECT string_agg(c.oid::regclass || ' ' || (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', c.oid::regclass), false, "
        "true, "
        "'')))[1]::text, ', ' ORDER BY c.oid::regclass::text) FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND s.nspname IN ('geo', 'ocop', 'tile')");
}

TEST(Killed, ALoadIsWholeOrNothing) {
    TestDatabase const reference, database;
    std::vector<std::string> const load{"load", "--demo", "--today", "2026-11-23"};
    auto const begun = Clock::now();
    auto const done = ocopmap(reference.conninfo(), load);
    ASSERT_EQ(done.exit_code, 0) << done.output;
    auto const whole = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
    auto const nothing = rows(database), all = fingerprint(reference);
    kill_at_random_moments(database.conninfo(), load, whole, [&] {
        if (database.value("SELECT EXISTS (SELECT FROM geo.data_set)") == "f") {
            EXPECT_EQ(rows(database), nothing);
            // As autovacuum leaves it that counts while a load is running: many pages and no row. Plans made from that must end.
            database.execute(
                "UPDATE pg_class SET relpages = greatest(1, pg_relation_size(oid) / 8192), reltuples = 0"
                " WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('geo', 'ocop')");
        } else {
            EXPECT_EQ(fingerprint(database), all);
        }
    });
    auto const again = ocopmap(database.conninfo(), load);
    EXPECT_EQ(again.exit_code, 0) << again.output;
    EXPECT_EQ(fingerprint(database), all);
    EXPECT_EQ(rows(database), rows(reference));
}

TEST(Killed, TheCatalogueIsInstalledWholeOrNotAtAll) {
    TestDatabase const database{TestDatabase::From::demo};
    auto const state = [&] {
        return database.value(
            "SELECT md5(concat((SELECT string_agg(d::text, '|' ORDER BY layer, base_table) FROM tile.depends d), "
            "(SELECT string_agg(l::text, '|' ORDER BY level, frame_from, zoom, unit_key) FROM tile.unit_level l), "
            "(SELECT string_agg(tgrelid::regclass || ' ' || tgname, '|' ORDER BY tgrelid::regclass::text, tgname) FROM pg_trigger WHERE tgname LIKE "
            "'ocopmap_tile%')))");
    };
    auto const all = state();
    database.execute("DELETE FROM tile.level_frame; DELETE FROM tile.depends; SELECT tile.install_triggers()");
    auto const nothing = state();
    ASSERT_NE(nothing, all);
    auto const begun = Clock::now();
    ASSERT_EQ(ocopmap(database.conninfo(), {"layers", "apply"}).exit_code, 0);
    auto const whole = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
    ASSERT_EQ(state(), all);
    database.execute("DELETE FROM tile.level_frame; DELETE FROM tile.depends; SELECT tile.install_triggers()");
    kill_at_random_moments(database.conninfo(), {"layers", "apply"}, whole, [&] { EXPECT_THAT(state(), testing::AnyOf(nothing, all)); });
    EXPECT_EQ(ocopmap(database.conninfo(), {"layers", "apply"}).exit_code, 0);
    EXPECT_EQ(state(), all);
}

TEST(Killed, MigrationsGoOnWhereTheyWereCut) {
    EmptyDatabase const reference, database;
    /// The schema as pg_dump writes it, but for the random key of its \restrict lines.
    auto const schema = [](EmptyDatabase const& of) {
        return test_support::run({"bash", "-c", "set -o pipefail; pg_dump --schema-only \"$1\" | grep -v '^.\\(un\\)\\?restrict '", "dump", of.conninfo()});
    };
    auto const begun = Clock::now();
    auto const done = ocopmap(reference.conninfo(), {"migrate"});
    ASSERT_EQ(done.exit_code, 0) << done.output;
    auto const whole = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
    auto const applied = "SELECT coalesce(string_agg(name, ' ' ORDER BY number), '') FROM public.ocopmap_migration";
    auto const all = test_support::value(reference.conninfo(), applied);
    kill_at_random_moments(database.conninfo(), {"migrate"}, whole, [&] {
        if (test_support::value(database.conninfo(), "SELECT to_regclass('public.ocopmap_migration') IS NOT NULL") != "t") return;
        EXPECT_TRUE(all.starts_with(test_support::value(database.conninfo(), applied)));
    });
    auto const again = ocopmap(database.conninfo(), {"migrate"});
    EXPECT_EQ(again.exit_code, 0) << again.output;
    EXPECT_EQ(test_support::value(database.conninfo(), applied), all);
    auto const expected = schema(reference), found = schema(database);
    ASSERT_EQ(expected.exit_code, 0) << expected.output;
    EXPECT_GT(expected.output.size(), 50'000U);
    EXPECT_EQ(found.output, expected.output);
}

}  // namespace
}  // namespace record_test
