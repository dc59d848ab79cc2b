#include "tests/e2e/house/stack.hpp"

#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace e2e {
namespace {

using namespace std::chrono_literals;

std::string read_file(std::string const& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> arguments_of(pid_t pid) {
    std::vector<std::string> out;
    std::istringstream in{read_file("/proc/" + std::to_string(pid) + "/cmdline")};
    for (std::string argument; std::getline(in, argument, '\0');) {
        out.push_back(argument);
    }
    return out;
}

/// A zombie (its first parent is gone and nobody has fetched it yet) counts as gone.
bool process_runs(pid_t pid) {
    auto const status = read_file("/proc/" + std::to_string(pid) + "/status");
    return !status.empty() && status.find("\nState:\tZ") == std::string::npos;
}

char const* const kDaemons[] = {"ocopmap-api", "ocopmap-tiles"};

}  // namespace

Stack::Stack() {
    auto pattern = (std::filesystem::temp_directory_path() / "ocopmap-chaos-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    state_ = pattern;
    std::filesystem::permissions(state_, std::filesystem::perms(0755));
    auto const started = test_support::run(
        {test_support::source_dir() + "/dev", "run", "--detach", "--demo", "--state", state_, "--port", std::to_string(test_support::free_port())},
        {"OCOPMAP_NO_BUILD=1"}, 100s);
    if (started.exit_code != 0) {
        throw std::runtime_error("./dev run failed: " + started.output);
    }
    url_ = port_of("URL");
    for (auto const* daemon : kDaemons) {
        commands_.push_back(arguments_of(pid(daemon)));
    }
}

Stack::~Stack() {
    for (auto& process : restarted_) {
        process->stop(5s);
    }
    test_support::run({test_support::source_dir() + "/dev", "reset", "--yes", "--state", state_});
}

std::string Stack::port_of(std::string const& key) const {
    std::istringstream in{read_file(state_ + "/run/ports")};
    for (std::string line; std::getline(in, line);) {
        if (line.rfind(key + "=", 0) == 0) {
            return line.substr(key.size() + 1);
        }
    }
    throw std::runtime_error("no " + key + " in " + state_ + "/run/ports");
}

std::string Stack::conninfo() const {
    auto text = test_support::run({test_support::source_dir() + "/dev", "psql", "--state", state_}).output;
    return text.substr(0, text.find('\n'));
}

std::string Stack::metrics(std::string const& daemon) const {
    return test_support::get("http://127.0.0.1:" + port_of(daemon == "ocopmap-api" ? "API_PORT" : "TILES_PORT") + "/metrics").body;
}

double Stack::counter(std::string const& daemon, std::string const& name) const {
    std::istringstream in{metrics(daemon)};
    double sum = 0;
    bool found = false;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind(name, 0) == 0 && (line[name.size()] == ' ' || line[name.size()] == '{')) {
            sum += std::stod(line.substr(line.rfind(' ') + 1));
            found = true;
        }
    }
    if (!found) {
        throw std::runtime_error("no " + name + " in the metrics of " + daemon);
    }
    return sum;
}

pid_t Stack::pid(std::string const& name) const { return static_cast<pid_t>(std::stol(read_file(state_ + "/run/" + name + ".pid"))); }

void Stack::kill9(std::string const& daemon) const {
    auto const victim = pid(daemon);
    ::kill(victim, SIGKILL);
    if (!test_support::wait_until([&] { return !process_runs(victim); }, 10s)) {
        throw std::runtime_error(daemon + " outlived SIGKILL");
    }
}

void Stack::start_again(std::string const& daemon, std::vector<std::string> const& behind) {
    auto command = commands_.at(daemon == kDaemons[0] ? 0 : 1);
    command.insert(command.begin(), behind.begin(), behind.end());
    restarted_.push_back(std::make_unique<test_support::Process>(command));
    std::ofstream{state_ + "/run/" + daemon + ".pid"} << restarted_.back()->pid() << '\n';
}

test_support::Finished Stack::pg_ctl(std::vector<std::string> const& arguments) const {
    std::vector<std::string> argv{state_ + "/run/pg_ctl"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return test_support::run(argv, {}, 90s);
}

bool Stack::is_ready() const {
    try {
        return test_support::get(url_ + "/readyz").status == 200 && test_support::get(url_ + "/tiles/readyz").status == 200;
    } catch (std::exception const&) {
        return false;
    }
}

}  // namespace e2e
