#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

namespace {
using test_support::TestDatabase;

TEST(TestDatabaseTest, IsMigratedAndGoneAfterwards) {
    std::string name;
    {
        TestDatabase const database;
        name = database.name();
        EXPECT_EQ(database.value("SELECT pub.fold('Kẹo Dừa')"), "keo dua");
        EXPECT_EQ(database.value("SELECT count(*) FROM ocop.product"), "0");
        database.execute("CREATE TABLE public.mine (a int); INSERT INTO public.mine VALUES (1), (2)");
        EXPECT_EQ(database.query("SELECT a FROM public.mine ORDER BY a").size(), 2U);
        EXPECT_EQ(test_support::value(database.conninfo_as("ocopmap_api"), "SELECT session_user || ' as ' || current_user"), "ocopmap_api as ocopmap_public");
        EXPECT_THROW(test_support::value(database.conninfo_as("ocopmap_api"), "SELECT count(*) FROM ocop.producer"), std::runtime_error);
    }
    EXPECT_EQ(test_support::value(test_support::database(), "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"), "0");
}

}  // namespace
