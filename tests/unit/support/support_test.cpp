#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"

#include <gtest/gtest.h>

namespace {
using namespace std::chrono_literals;

TEST(EnvironmentTest, NamesTheVariableThatIsUnset) {
    try {
        test_support::env("OCOPMAP_NEVER_SET");
        FAIL();
    } catch (std::runtime_error const& error) {
        EXPECT_NE(std::string(error.what()).find("OCOPMAP_NEVER_SET"), std::string::npos);
    }
}

TEST(HttpClientTest, SplitsAnAddressAndLeavesTheTargetAlone) {
    auto const parts = test_support::split_url("http://127.0.0.1:8080/a%2Fb//c?x=%20");
    EXPECT_EQ(parts.host, "127.0.0.1");
    EXPECT_EQ(parts.port, "8080");
    EXPECT_EQ(parts.target, "/a%2Fb//c?x=%20");
}

TEST(ProcessTest, TellsHowAChildEnded) {
    EXPECT_EQ(test_support::run({"sh", "-c", "echo one; echo two >&2; exit 3"}).exit_code, 3);
    EXPECT_EQ(test_support::run({"sh", "-c", "echo \"$GREETING\""}, {"GREETING=chao"}).output, "chao\n");
    test_support::Process sleeper{{"sleep", "60"}};
    EXPECT_TRUE(sleeper.running());
    EXPECT_GT(test_support::resident_kb(sleeper.pid()), 0);
    EXPECT_EQ(sleeper.stop(5s), 128 + SIGTERM);
}

}  // namespace
