#pragma once

#include "tile_server/tile_cache.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tile_server {

/// Compresses stored tiles again, as small as gzip and brotli can make them: one thread at the lowest priority, the newest tile first,
/// when none has been made for a second. What gzip wrote at its highest level is done, so nothing has to be remembered across a restart.
class Recompressor {
public:
    /// is_busy: there is better to do.
    Recompressor(TileCache& cache, std::function<bool()> is_busy) : cache_{cache}, is_busy_{std::move(is_busy)} {}
    ~Recompressor() { stop(); }
    Recompressor(Recompressor const&) = delete;
    Recompressor& operator=(Recompressor const&) = delete;

    /// Looks for what an earlier run left, then waits for more.
    void start();
    void stop();
    /// A tile was published. Does not wait; nothing happens before start().
    void add(TileAddress const& address);
    std::string metrics() const;

private:
    void work();
    void compress_again(TileAddress const& address);
    /// Waits until there is nothing better to do. \returns false when it is to end
    bool wait_for_calm();

    TileCache& cache_;
    std::function<bool()> is_busy_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool is_running_ = false, stopping_ = false, wants_sweep_ = true;
    std::deque<TileAddress> waiting_;  // the newest last
    std::chrono::steady_clock::time_point last_added_{};
    std::atomic<std::uint64_t> tiles_{0}, saved_{0};
    std::thread thread_;
};

}  // namespace tile_server
