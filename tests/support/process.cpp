#include "tests/support/process.hpp"

#include "tests/support/environment.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace test_support {

Process::Process(std::vector<std::string> const& argv, std::vector<std::string> const& environment) {
    auto pattern = (std::filesystem::temp_directory_path() / "ocopmap-test-XXXXXX").string();
    int const log = ::mkstemp(pattern.data());
    if (log < 0) {
        throw std::runtime_error("no temporary file for a child's output");
    }
    output_file_ = pattern;
    std::vector<char*> arguments;
    for (auto const& argument : argv) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
        for (auto const& entry : environment) {
            ::putenv(const_cast<char*>(entry.c_str()));
        }
        int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(log, STDOUT_FILENO);
        ::dup2(log, STDERR_FILENO);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(log);
    if (pid_ < 0) {
        throw std::runtime_error("cannot start " + argv.at(0));
    }
}

Process::~Process() {
    kill9();
    std::error_code ignored;
    std::filesystem::remove(output_file_, ignored);
}

bool Process::running() {
    if (pid_ > 0) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            pid_ = -1;
        }
    }
    return pid_ > 0;
}

void Process::signal(int number) const {
    if (pid_ > 0) {
        ::kill(pid_, number);
    }
}

void Process::kill9() {
    if (running()) {
        signal(SIGKILL);
        wait_until([this] { return !running(); }, std::chrono::seconds(10));
    }
}

int Process::stop(std::chrono::milliseconds deadline) {
    signal(SIGTERM);
    if (!wait_until([this] { return !running(); }, deadline)) {
        kill9();
        return -1;
    }
    return exit_code_;
}

int Process::wait(std::chrono::milliseconds deadline) {
    return wait_until([this] { return !running(); }, deadline) ? exit_code_ : -1;
}

std::string Process::output() const {
    std::ifstream in{output_file_, std::ios::binary};
    return {std::istreambuf_iterator<char>(in), {}};
}

Finished run(std::vector<std::string> const& argv, std::vector<std::string> const& environment, std::chrono::milliseconds deadline) {
    Process process{argv, environment};
    int const code = process.wait(deadline);
    return {code, process.output()};
}

long resident_kb(pid_t pid) {
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    std::string word;
    while (status >> word) {
        if (word == "VmRSS:") {
            long kb = 0;
            status >> kb;
            return kb;
        }
    }
    return 0;
}

}  // namespace test_support
