#include "tests/support/environment.hpp"
#include "tests/support/process.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace {

TEST(ReadmeTest, ItsCurlExamplesWorkAsPrinted) {
    std::ifstream readme{test_support::source_dir() + "/README.md"};
    std::string const printed = "http://127.0.0.1:8080";
    int examples = 0;
    for (std::string line; std::getline(readme, line);) {
        if (line.rfind("curl ", 0) != 0) {
            continue;
        }
        ++examples;
        auto const at = line.find(printed);
        ASSERT_NE(at, std::string::npos) << line;
        auto const command = "set -e; curl() { command curl -fsS \"$@\"; }; " + line.replace(at, printed.size(), test_support::url());
        auto const answer = test_support::run({"bash", "-c", command});
        EXPECT_EQ(answer.exit_code, 0) << line << '\n' << answer.output;
        EXPECT_GT(answer.output.size(), 60U) << line << '\n' << answer.output;
    }
    EXPECT_EQ(examples, 5);
}

}  // namespace
