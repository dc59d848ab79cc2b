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

TEST(StartTest, OverTlsCookiesAreSecureAndTheBrowserIsToldToStay) {
    State const state;
    auto const certificate = state.path() + "/cert.pem", key = state.path() + "/key.pem";
    auto const made = test_support::run(
        {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate});
    ASSERT_EQ(made.exit_code, 0) << made.output;
    auto command = state.run_command();
    command.insert(command.end(), {"--tls", certificate + "," + key});
    auto const started = test_support::run(command, {"OCOPMAP_NO_BUILD=1"}, 100s);
    ASSERT_EQ(started.exit_code, 0) << started.output;
    auto const secure = "https" + state.url().substr(4);
    EXPECT_NE(started.output.find(secure), std::string::npos) << started.output;
    auto const heads = [](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"curl", "-ksS", "-o", "/dev/null", "-D", "-"});
        return test_support::run(arguments).output;
    };
    for (auto const* path : {"/", "/api/products?limit=1", "/tiles/communes/9/407/241.mvt", "/tiles/communes/9/407/241.mvt", "/api/nothing", "/quan-ly"}) {
        EXPECT_NE(heads({secure + path}).find("strict-transport-security: max-age=31536000"), std::string::npos) << path;
    }
    auto const sign_in = std::vector<std::string>{"-H", "Content-Type: application/json", "-d", R"({"login":"demo.r15","password":"ba cây dừa xanh"})"};
    auto const cookie = [&](std::vector<std::string> more) {
        more.insert(more.end(), sign_in.begin(), sign_in.end());
        auto const head = heads(more);
        auto const at = head.find("ocopmap_session=");
        return at == std::string::npos ? head : head.substr(at, head.find("\r\n", at) - at);
    };
    EXPECT_NE(cookie({secure + "/api/session"}).find("; Secure"), std::string::npos);
    // Behind another server on this machine that ends TLS; and plainly.
    auto const plain = test_support::url();
    EXPECT_NE(cookie({plain + "/api/session", "-H", "X-Forwarded-Proto: https"}).find("; Secure"), std::string::npos);
    EXPECT_EQ(cookie({plain + "/api/session"}).find("; Secure"), std::string::npos);
    EXPECT_EQ(heads({plain + "/"}).find("trict-transport"), std::string::npos);
}

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
