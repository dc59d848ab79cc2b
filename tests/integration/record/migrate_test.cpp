#include "tests/integration/record/support.hpp"

#include <gmock/gmock.h>

namespace record_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

test_support::Finished migrate(std::string const& conninfo, std::string const& home) {
    return test_support::run({test_support::cli(), "--database", conninfo, "--home", home, "migrate"});
}

TEST(Migrate, AppliesAllOnceAndRefusesAnEditedFile) {
    EmptyDatabase const database;
    Folder const folder;
    fs::create_directories(folder / "data");
    fs::copy(test_support::source_dir() + "/data/migrations", folder / "data/migrations");
    auto const first = migrate(database.conninfo(), folder / ".");
    ASSERT_EQ(first.exit_code, 0) << first.output;
    auto const files = std::distance(fs::directory_iterator{folder / "data/migrations"}, fs::directory_iterator{});
    EXPECT_EQ(test_support::value(database.conninfo(), "SELECT count(*) FROM public.ocopmap_migration"), std::to_string(files));
    EXPECT_THAT(migrate(database.conninfo(), folder / ".").output, HasSubstr("0 migrations applied"));

    std::ofstream{folder / "data/migrations/0002_geo.sql", std::ios::app} << "-- edited\n";
    auto const edited = migrate(database.conninfo(), folder / ".");
    EXPECT_EQ(edited.exit_code, 3);
    EXPECT_THAT(edited.output, HasSubstr("0002_geo.sql was edited after it had been applied"));
}

TEST(Migrate, AFailingFileLeavesNothing) {
    EmptyDatabase const database;
    Folder const folder;
    fs::create_directories(folder / "data/migrations");
    folder.write("data/migrations/0001_good.sql", "CREATE TABLE good (a integer)");
    folder.write("data/migrations/0002_bad.sql", "CREATE TABLE half (a integer); SELECT nonsense");
    auto const result = migrate(database.conninfo(), folder / ".");
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.output, HasSubstr("0002_bad.sql failed and was rolled back"));
    EXPECT_EQ(test_support::value(database.conninfo(), "SELECT to_regclass('good') IS NOT NULL AND to_regclass('half') IS NULL"), "t");
}

TEST(Migrate, SaysWhatIsWrongWithTheDatabase) {
    EXPECT_EQ(migrate("host=/nonexistent dbname=nothing", test_support::source_dir()).exit_code, 1);
    auto const none = test_support::run({"/usr/bin/env", "-u", "OCOPMAP_DATABASE", test_support::cli(), "migrate"});
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_THAT(none.output, HasSubstr("no database named"));
}

}  // namespace
}  // namespace record_test
