#pragma once

#include "tests/support/process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace e2e {

/// A whole system of a test's own, made by `./dev run --detach --demo` in a state of its own and thrown away at the end:
/// for tests that kill its processes.
class Stack {
public:
    Stack();
    ~Stack();
    Stack(Stack const&) = delete;
    Stack& operator=(Stack const&) = delete;

    std::string const& url() const { return url_; }
    /// The tile daemon itself.
    std::string tiles_url() const { return "http://127.0.0.1:" + port_of("TILES_PORT"); }
    std::string conninfo() const;
    std::string metrics(std::string const& daemon) const;
    /// The sum of a counter over its labels, in what /metrics of "ocopmap-api" or "ocopmap-tiles" says.
    double counter(std::string const& daemon, std::string const& name) const;
    pid_t pid(std::string const& name) const;
    /// SIGKILL, and waits until it is gone.
    void kill9(std::string const& daemon) const;
    /// Starts a killed daemon with the arguments it had, behind a command such as prlimit where one is given.
    void start_again(std::string const& daemon, std::vector<std::string> const& behind = {});
    /// What the daemon started last has written.
    std::string said() const { return restarted_.back()->output(); }
    /// pg_ctl with the arguments given, as the user who owns the cluster.
    test_support::Finished pg_ctl(std::vector<std::string> const& arguments) const;
    bool is_ready() const;

private:
    std::string port_of(std::string const& key) const;

    std::string state_;
    std::string url_;
    std::vector<std::vector<std::string>> commands_;  // argv of ocopmap-api and ocopmap-tiles
    std::vector<std::unique_ptr<test_support::Process>> restarted_;
};

}  // namespace e2e
