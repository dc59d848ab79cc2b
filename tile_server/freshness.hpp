#pragma once

#include "gis_core/date.hpp"
#include "tile_server/cover.hpp"

#include <pqxx/connection>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace tile_server {

class TileCache;

/// Follows tile.change (decisions T1-T3): wakes at the bell, reads what is visible, applies it, remembers from which
/// transaction on to read next time, and acknowledges. Turns a new business day into changes. Has generalised outlines
/// rebuilt when boundaries were edited. Heals by itself when the database was away.
class Freshness {
public:
    struct Hooks {
        std::function<void(std::string const& layer, std::string const& source, Cover const& cover)> changed;  // forget, mark, remove, announce
        std::function<void()> everything_changed;
        std::function<gis_core::Date()> today;
        std::function<void(std::string const& from, std::string const& to)> followed;  // every change between them was told
        std::function<std::string(std::string const& position)> oldest_needed;         // what may be acknowledged of it
    };
    Freshness(std::string conninfo, TileCache& cache, Hooks hooks);
    ~Freshness();
    Freshness(Freshness const&) = delete;
    Freshness& operator=(Freshness const&) = delete;

    void start();
    void stop();
    /// True when all that was committed before the last heartbeat has been applied.
    bool is_current() const { return current_; }
    std::uint64_t applied() const { return applied_; }
    std::string metrics() const;

private:
    void follow();
    void follow_connected();
    void begin(pqxx::connection& connection);
    void catch_up(pqxx::connection& connection);
    void acknowledge(pqxx::connection& connection);
    void build_levels();

    std::string conninfo_;
    TileCache& cache_;
    Hooks hooks_;
    std::string node_, position_, state_;
    std::map<std::int64_t, std::uint64_t> seen_;  // change → its transaction, from position_ on
    gis_core::Date day_{};
    std::atomic<bool> stopping_{false}, current_{false};
    std::atomic<std::uint64_t> applied_{0};
    std::atomic<double> lag_s_{0};                                       // of the last change applied: from its statement until then
    std::atomic<std::chrono::steady_clock::time_point> last_applied_{};  // the epoch: none yet
    std::thread thread_, builder_;
    std::mutex builder_mutex_;
    std::condition_variable builder_wake_;
    bool build_wanted_ = true;  // at the start: boundaries may have changed meanwhile
};

}  // namespace tile_server
