#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace test_support {

/// A child process of the test; killed and reaped at the end. Its output goes to a file that output() reads.
class Process {
public:
    /// Starts argv[0] (an absolute path, or a name found in PATH) with extra environment "NAME=value" entries.
    explicit Process(std::vector<std::string> const& argv, std::vector<std::string> const& environment = {});
    ~Process();
    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;

    pid_t pid() const { return pid_; }
    bool running();
    void signal(int number) const;
    /// SIGKILL, and waits until it is gone.
    void kill9();
    /// SIGTERM, and the exit code; SIGKILL and -1 when it has not gone by the deadline. 128 + n: ended by signal n.
    int stop(std::chrono::milliseconds deadline = std::chrono::seconds(10));
    /// Waits for it to end by itself: the exit code, or -1 at the deadline (it goes on running).
    int wait(std::chrono::milliseconds deadline);
    /// Standard output and standard error so far.
    std::string output() const;

private:
    pid_t pid_ = -1;
    int exit_code_ = -1;
    std::string output_file_;
};

/// Runs a command to its end: exit code (-1: killed at the deadline) and output.
struct Finished {
    int exit_code;
    std::string output;
};
Finished run(std::vector<std::string> const& argv, std::vector<std::string> const& environment = {},
             std::chrono::milliseconds deadline = std::chrono::seconds(60));

/// Resident memory of a process in kB, 0 when it is gone.
long resident_kb(pid_t pid);

}  // namespace test_support
