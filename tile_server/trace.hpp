#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the making of a tile took, layer by layer: for metrics, the log of slow tiles and `ocopmap tiles explain`.
namespace tile_server::trace {

enum class Stage { search, geometry, encode };
inline constexpr std::array kStages{"search", "geometry", "encode"};

/// A layer's part in a tile.
struct Part {
    std::string layer;
    bool is_from_memory = false;
    std::uint64_t rows = 0;  // that were looked at
    std::size_t bytes = 0;   // that they became
    double seconds = 0;
    std::array<double, kStages.size()> stage_s{};
};

/// Records what this thread makes, while it lives. times_stages: costs two looks at the clock a feature.
class Recording {
public:
    explicit Recording(bool times_stages = false);
    ~Recording();
    Recording(Recording const&) = delete;
    Recording& operator=(Recording const&) = delete;

    std::vector<Part> parts;

private:
    friend class PartTimer;
    friend class StageTimer;
    friend void add_rows(std::uint64_t count);
    friend bool times_stages();
    bool times_stages_;
    bool is_in_part_ = false, is_in_stage_ = false;
    Recording* outer_;
};

/// From here to the end of the scope a layer is added to the tile.
class PartTimer {
public:
    PartTimer(std::string const& layer, bool is_from_memory, std::string const& tile);
    ~PartTimer();
    PartTimer(PartTimer const&) = delete;
    PartTimer& operator=(PartTimer const&) = delete;

private:
    Recording* recording_;
    std::string const& tile_;
    std::size_t bytes_before_ = 0;
    std::chrono::steady_clock::time_point begun_{};
};

/// From here to the end of the scope is a stage of that; a stage within a stage belongs to the outer one.
class StageTimer {
public:
    explicit StageTimer(Stage stage);
    ~StageTimer();
    StageTimer(StageTimer const&) = delete;
    StageTimer& operator=(StageTimer const&) = delete;

private:
    Recording* recording_ = nullptr;
    Stage stage_;
    std::chrono::steady_clock::time_point begun_{};
};

void add_rows(std::uint64_t count);

/// Whether this thread's recording asks how long each stage takes: all of them are gone through then.
bool times_stages();

inline double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace tile_server::trace
