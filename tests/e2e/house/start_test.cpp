// ./dev run when what came before went wrong.
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A folder for a state of ./dev; what runs in it is stopped and thrown away at the end.
class State {
public:
    State() {
        auto pattern = (fs::temp_directory_path() / "ocopmap-start-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        path_ = pattern;
        fs::permissions(path_, fs::perms(0755));
    }
    ~State() { dev({"reset", "--yes", "--state", path_}); }
    State(State const&) = delete;
    State& operator=(State const&) = delete;

    std::string const& path() const { return path_; }
    std::vector<std::string> run_command() const {
        return {test_support::source_dir() + "/dev", "run", "--detach", "--demo", "--state", path_, "--port", std::to_string(port_)};
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::string read(std::string const& name) const {
        std::ifstream in{path_ + "/" + name};
        return {std::istreambuf_iterator<char>(in), {}};
    }
    test_support::Finished dev(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), test_support::source_dir() + "/dev");
        return test_support::run(arguments, {"OCOPMAP_NO_BUILD=1"}, 100s);
    }

private:
    std::string path_;
    int port_ = test_support::free_port();
};

TEST(StartTest, AStartKilledWhileItLoadsIsBegunAgainByTheNext) {
    State const state;
    {
        test_support::Process first{state.run_command(), {"OCOPMAP_NO_BUILD=1"}};
        ASSERT_TRUE(test_support::wait_until([&] { return state.read("log/load.log").find("schematic boundaries") != std::string::npos; }, 60s))
            << first.output();
        first.kill9();  // its database server and its loader go on
    }
    ASSERT_FALSE(fs::exists(state.path() + "/loaded"));
    auto const second = test_support::run(state.run_command(), {"OCOPMAP_NO_BUILD=1"}, 100s);
    EXPECT_EQ(second.exit_code, 0) << second.output;
    EXPECT_NE(second.output.find("An earlier start was interrupted while it loaded data"), std::string::npos) << second.output;
    auto const list = test_support::get(state.url() + "/api/products?facets=state&limit=1");
    EXPECT_EQ(list.status, 200);
    EXPECT_NE(list.body.find("\"total\":1000"), std::string::npos) << list.body.substr(0, 300);
}

}  // namespace
