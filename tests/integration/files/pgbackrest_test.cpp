// docs/how-to/backup.md, to a point in time: with a server of its own, by pgBackRest.
#include "tests/integration/files/support.hpp"

#include <pwd.h>
#include <unistd.h>

namespace files_test {
namespace {

constexpr char kBin[] = "/usr/lib/postgresql/15/bin/";

TEST(PointInTime, TheRecordComesBackAsItWasAtThatPoint) {
    if (test_support::run({"sh", "-c", "command -v pgbackrest"}).exit_code != 0) GTEST_SKIP() << "pgbackrest is not installed";
    Folder const folder;
    if (::getuid() == 0) {
        auto const* const postgres = ::getpwnam("postgres");
        ASSERT_EQ(::chown(folder.path().c_str(), postgres->pw_uid, postgres->pw_gid), 0);
    }
    auto const as_postgres = [&](std::vector<std::string> argv) {
        if (::getuid() == 0) argv.insert(argv.begin(), {"runuser", "-u", "postgres", "--"});
        return argv;
    };
    auto const data = folder / "data", config = folder / "pgbackrest.conf";
    auto const server = [&](std::string const& act) {  // its output must not be a pipe that the server would keep
        tool(as_postgres({"sh", "-c", std::string{kBin} + "pg_ctl -D " + data + " -w -t 60 -l " + folder / "log" + " -o '-k " + folder.path().string() + "' " + act + " >/dev/null 2>&1"}));
    };
    auto const rest = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"pgbackrest", "--config=" + config, "--stanza=ocopmap", "--log-level-file=off", "--lock-path=" + folder / "lock"});
        return tool(as_postgres(arguments));
    };
    tool(as_postgres({std::string{kBin} + "initdb", "-D", data, "-U", "ocopmap", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"}));
    write(config, "[global]\nrepo1-path=" + folder / "repo" + "\nrepo1-retention-full=2\nstart-fast=y\ncompress-type=none\n[ocopmap]\npg1-path=" + data + "\npg1-socket-path=" + folder.path().string() +
                      "\npg1-user=ocopmap\n");
    std::ofstream{data + "/postgresql.conf", std::ios::app} << "listen_addresses = ''\nfsync = off\narchive_mode = on\narchive_command = 'pgbackrest --config=" << config
                                                            << " --stanza=ocopmap --log-level-file=off --lock-path=" << folder / "lock" << " archive-push %p'\n";
    server("start");
    auto const database = "host=" + folder.path().string() + " user=ocopmap dbname=postgres";
    tool({test_support::cli(), "--database", database, "--home", test_support::source_dir(), "migrate"});
    rest({"stanza-create"});
    rest({"--type=full", "backup"});
    auto const ask = [&](std::string const& sql) { return test_support::value(database, sql); };
    auto const add = [&](std::string const& name) { return ask("SELECT audit.note('thu', 'pgbackrest', '" + name + "')"); };
    add("truoc");
    ask("SELECT pg_create_restore_point('truoc_khi_hong')");
    add("sau");
    auto const state = ask("SELECT tile.state()");
    ask("SELECT pg_switch_wal()");
    server("-m fast stop");  // archives what is left

    rest({"--type=name", "--target=truoc_khi_hong", "--target-action=promote", "--delta", "restore"});
    server("start");
    ASSERT_TRUE(test_support::wait_until([&] { return ask("SELECT NOT pg_is_in_recovery()") == "t"; }, std::chrono::seconds{60}));
    EXPECT_EQ(ask("SELECT string_agg(reason, ',') FROM audit.entry WHERE action = 'thu'"), "truoc");
    EXPECT_NE(ask("SELECT tile.state()"), state) << "tile caches are of another history";
    server("-m immediate stop");
}

}  // namespace
}  // namespace files_test
