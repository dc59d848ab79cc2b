#pragma once

#include "programme/retention/retention.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace programme::retention {

/// The day's work in the daemon, soon after its start and after midnight. Any number of nodes may run one: each kind is done once a day.
class Worker {
public:
    Worker(std::string conninfo, std::filesystem::path const& data, files::Files const& files);
    ~Worker() { stop(); }
    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;
    void start();
    void stop();

private:
    void follow();
    std::string conninfo_;
    List list_;
    files::Files const* files_;  // none where the daemon stores none
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace programme::retention
