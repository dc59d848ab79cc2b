#pragma once

#include "programme/files/files.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace programme::files {

struct SweepSummary {
    std::int64_t files = 0, bytes = 0;
    std::string oldest;  // since when nothing names the oldest of them
};
using Say = std::function<void(std::string_view)>;
/// Takes away what nothing has named since before a moment. dry: only says what would go. said() gets a line a file.
SweepSummary sweep(gis_core::db::Pool& pool, Files const& files, gis_core::db::Actor const* actor, std::string const& before, bool dry, Say const& said);

/// Asks the scanner about what it could not be asked before; how many it has answered for.
std::int64_t scan_waiting(gis_core::db::Pool& pool, Files const& files, gis_core::db::Actor const* actor);

/// Uploads that were to be complete before a moment, and what a killed process left in the folder of what comes in.
SweepSummary give_up_expired(gis_core::db::Pool& pool, Files const& files, gis_core::db::Actor const* actor, std::string const& before, bool dry);

/// Reads every content that a row needs and compares it with its hash; also names contents that no row needs.
struct CheckSummary {
    std::int64_t checked = 0, missing = 0, broken = 0, strays = 0;
    bool is_good() const { return missing == 0 && broken == 0; }
};
CheckSummary check_all(gis_core::db::Pool& pool, Files const& files, Say const& said);

/// Asks the scanner in the daemon: at its start, and then once an hour. The other two are work of programme/retention.
class Keeper {
public:
    Keeper(gis_core::db::Pool& pool, Files const& files) : pool_{pool}, files_{files} {}
    ~Keeper() { stop(); }
    Keeper(Keeper const&) = delete;
    Keeper& operator=(Keeper const&) = delete;
    void start();
    void stop();

private:
    void run();
    gis_core::db::Pool& pool_;
    Files const& files_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace programme::files
