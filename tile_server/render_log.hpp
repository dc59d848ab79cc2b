#pragma once

#include "tile_server/trace.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace tile_server {

/// What was rendered, summed up for /metrics, and a line in the log for what took long.
class RenderLog {
public:
    explicit RenderLog(double slow_ms) : slow_s_{slow_ms / 1000} {}

    /// tile: "communes/9/407/241". waited_s: for a thread, before it began.
    void add(std::string const& tile, trace::Recording const& recording, double waited_s, double compress_s, double total_s);
    std::string metrics() const;

private:
    struct Sum {
        double seconds = 0;
        std::uint64_t bytes = 0, tiles = 0;
    };
    double slow_s_;
    mutable std::mutex mutex_;
    std::map<std::string, std::array<Sum, 2>> by_layer_;  // from the database, from memory
    std::uint64_t slow_ = 0;
};

}  // namespace tile_server
