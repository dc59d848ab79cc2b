#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace programme::audit {

/// Seals all entries that are committed: chains them in the order of their commits. Waits for another sealer.
/// Returns how many. \throws Error when the database does not answer or refuses.
std::int64_t seal_all(std::string const& conninfo);

/// Seals what is committed, within a second, as long as it lives. Any number of nodes may run one: each run holds a lock.
/// Heals by itself when the database was away; a run that was cut off leaves nothing.
class Sealer {
public:
    explicit Sealer(std::string conninfo) : conninfo_{std::move(conninfo)} {}
    ~Sealer() { stop(); }
    Sealer(Sealer const&) = delete;
    Sealer& operator=(Sealer const&) = delete;

    void start();
    void stop();
    std::int64_t sealed() const { return sealed_; }  // by this one, since its start

private:
    void follow();
    void follow_connected();
    bool wait_stopped(int milliseconds);

    std::string conninfo_;
    std::atomic<std::int64_t> sealed_{0};
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace programme::audit
